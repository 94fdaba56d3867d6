from pathlib import Path

from kpstudio.imaging.fingerprint import fingerprint, fingerprints


def test_a_file_is_known_by_its_content_wherever_it_lies(tmp_path):
    (tmp_path / "a").write_bytes(b"one" * 100_000)
    (tmp_path / "b").write_bytes(b"one" * 100_000)
    assert fingerprint(tmp_path / "a") == fingerprint(tmp_path / "b") != ""


def test_a_change_of_size_beginning_or_end_is_seen(tmp_path):
    whole = bytearray(b"x" * 300_001)
    changed = [bytes(whole), bytes(whole[:-1])]
    for at in (0, 65535, 300_000):
        other = whole.copy()
        other[at] = 0
        changed.append(bytes(other))
    found = set()
    for number, data in enumerate(changed):
        (tmp_path / str(number)).write_bytes(data)
        found.add(fingerprint(tmp_path / str(number)))
    assert len(found) == len(changed)


def test_files_that_are_not_there_have_none(tmp_path):
    (tmp_path / "empty").touch()
    paths = [tmp_path / "none", tmp_path / "empty", tmp_path]
    found = fingerprints(paths)
    assert (found[paths[0]], found[paths[2]]) == ("", "")
    assert found[paths[1]]


def test_names_that_no_file_can_have_are_those_of_no_file(tmp_path):
    odd = [tmp_path / ("9" * 5003) / "a.png", tmp_path / ("9" * 5003), Path("a\x00b/c.png")]
    assert fingerprints([*odd, tmp_path / "d\x00.png"]) == dict.fromkeys(
        [*odd, tmp_path / "d\x00.png"], ""
    )

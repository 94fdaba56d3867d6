"""Two people label copies of a project, which are merged on the command line."""

import shutil
from pathlib import Path

from kpstudio.__main__ import main
from kpstudio.core.edit import Edit
from kpstudio.store.project import Project


def move(path, position, xy, author):
    with Project.open(Path(path), author=author) as project:
        image = project.images()[position]
        (old,) = project.annotations(image.id)
        project.apply(Edit.change("Move snout", old, old.with_keypoint(0, xy, 2)))
        return image.name


def test_the_work_of_two_people_comes_together(mice, answer, capsys):
    other = shutil.copy(mice, Path(mice).with_name("of bob.kps"))
    move(mice, 1, (5.0, 5.0), "Ann")
    move(other, 2, (6.0, 6.0), "Bob")
    torn = move(mice, 3, (7.0, 7.0), "Ann")
    move(other, 3, (7.0, 10.0), "Bob")
    looked = answer("merge", mice, other, "--check", "--json")
    assert (looked["annotations"], looked["is_merged"]) == (1, False)
    (conflict,) = looked["conflicts"]
    assert conflict == {"image": torn, "what": "up to 3.0 px apart", "distance_px": 3.0}
    assert main(["merge", mice, str(other)]) == 0
    told = capsys.readouterr()
    assert told.out == (
        "Brought 1 changes of annotations, 0 new images and 2 entries of the history;"
        " 1 conflicts.\n"
    )
    assert "merge conflict" in told.err
    with Project.open(Path(mice), read_only=True) as project:
        images = project.images()
        assert project.annotations(images[2].id)[0].xy[0].tolist() == [6, 6]
        assert len(project.annotations(images[3].id)) == 2
        assert images[3].tags == ("merge conflict",)
    assert main(["merge", mice, mice]) == 1
    assert "with itself" in capsys.readouterr().err


def test_what_the_other_did_is_listed_under_the_merge(mice, answer, capsys):
    other = shutil.copy(mice, Path(mice).with_name("of bob.kps"))
    move(other, 2, (6.0, 6.0), "Bob")
    with Project.open(Path(other), author="Bob") as project:
        project.marks.change_tags([4], add=["night"])
        project.marks.set_review([5], "accepted")
    with Project.open(Path(mice), author="Ann") as project:
        project.marks.set_review([5], "ready")
        images = {image.id: image.name for image in project.images()}
    told = answer("merge", mice, str(other), "--json")
    assert (told["tags"], told["history"], told["is_merged"]) == (1, 1, True)
    (review,) = told["reviews"]
    assert (review["image"], review["takes_theirs"]) == (images[5], False)
    capsys.readouterr()
    assert main(["merge", mice, str(other)]) == 0
    told = capsys.readouterr()
    assert told.out == "Everything in of bob.kps is here already.\n"
    assert main(["history", mice, "--last", "2"]) == 0
    first, second = capsys.readouterr().out.splitlines()[-2:]
    assert first.split()[0] == "+"
    assert "Bob  Move snout" in first
    assert second.endswith("Merge of bob.kps")


def test_what_was_decided_is_asked_again_on_request(mice, answer):
    other = shutil.copy(mice, Path(mice).with_name("of bob.kps"))
    move(mice, 3, (7.0, 7.0), "Ann")
    move(other, 3, (7.0, 10.0), "Bob")
    first = answer("merge", mice, str(other), "--conflicts", "ours", "--json")
    assert len(first["conflicts"]) == 1
    assert answer("merge", mice, str(other), "--json")["conflicts"] == []
    again = answer("merge", mice, str(other), "--conflicts", "theirs", "--again", "--json")
    assert (len(again["conflicts"]), again["is_merged"]) == (1, True)
    with Project.open(Path(mice), read_only=True) as project:
        assert project.annotations(project.images()[3].id)[0].xy[0].tolist() == [7, 10]

import json
import os

import numpy as np
import pytest

from kpstudio.core.errors import UserProblem
from kpstudio.demo import project as demo_project
from kpstudio.demo.generator import draw_sample
from kpstudio.demo.project import create_demo
from kpstudio.imaging.read import read_image
from kpstudio.store.project import Project


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    """A place for the shipped checkpoint; there is none until a test writes one."""
    folder = tmp_path / "shipped"
    folder.mkdir()
    monkeypatch.setattr(demo_project, "resource_path", lambda *parts: folder / parts[-1])
    return folder / "demo.safetensors"


def test_a_demo_has_images_and_labels_from_the_first_image_on(tmp_path, shipped):
    path = create_demo(tmp_path / "new" / "demo", images=7, labelled=3, seed=11)
    assert path == tmp_path / "new" / "demo" / "demo.kps"
    with Project.open(path) as project:
        images, labelled = project.images(), project.labelled_image_ids()
        assert len(images) == 7
        assert [index for index, image in enumerate(images) if image.id in labelled] == [0, 2, 4]
        assert all((image.width, image.height) == (640, 480) for image in images)
        assert not project.files.missing()
        drawn = draw_sample(13)
        difference = read_image(images[2].path).astype(int) - drawn.image
        assert np.abs(difference).mean() < 3
        stored = project.annotations(images[2].id)
        assert len(stored) == len(drawn.annotations)
        for kept, expected in zip(stored, drawn.annotations, strict=True):
            np.testing.assert_array_equal(kept.visibility, expected.visibility)
            np.testing.assert_allclose(kept.xy, expected.xy, rtol=0, atol=1e-9)
            assert kept.source == "import:demo"
        assert project.runs.all() == ()


def test_two_demos_do_not_share_annotation_ids(tmp_path, shipped):
    ids = []
    for name in ("a", "b"):
        with Project.open(create_demo(tmp_path / name, images=1, labelled=1)) as project:
            ids += [each.id for each in project.dataset().annotations]
    assert len(set(ids)) == len(ids) > 1


def test_the_shipped_checkpoint_becomes_the_first_run(tmp_path, shipped):
    text = json.dumps({"network": "some_network", "metrics": {"median_px": 3.25, "p90_px": 7.5}})
    header = json.dumps({"__metadata__": {"kpstudio": text}}).encode()
    shipped.write_bytes(len(header).to_bytes(8, "little") + header + b"weights")
    with Project.open(create_demo(tmp_path / "demo", images=1, labelled=1)) as project:
        run = project.runs.newest()
        assert run is not None
        assert (run.id, run.state, run.network) == (1, "finished", "some_network")
        assert run.median_px == 3.25
        assert run.checkpoint.read_bytes() == shipped.read_bytes()


def test_a_demo_that_is_there_is_never_overwritten(tmp_path, shipped):
    path = create_demo(tmp_path, images=1, labelled=1)
    before = path.read_bytes()
    with pytest.raises(UserProblem, match="already") as caught:
        create_demo(tmp_path, images=2, labelled=1)
    assert caught.value.hint
    assert path.read_bytes() == before


def test_an_image_of_somebody_else_is_never_overwritten(tmp_path, shipped):
    (tmp_path / "images").mkdir()
    foreign = tmp_path / "images" / "mouse_001.jpg"
    foreign.write_bytes(b"mine")
    with pytest.raises(UserProblem, match="another image"):
        create_demo(tmp_path, images=1, labelled=1)
    assert foreign.read_bytes() == b"mine"
    assert not (tmp_path / "demo.kps").exists()


def test_a_folder_that_cannot_be_made_is_said(tmp_path, shipped):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserProblem, match="cannot be written") as caught:
        create_demo(tmp_path / "file" / "demo", images=1, labelled=1)
    assert caught.value.hint


def test_a_run_that_cannot_be_copied_leaves_no_half_made_demo(tmp_path, shipped, monkeypatch):
    text = json.dumps({"network": "some_network"})
    header = json.dumps({"__metadata__": {"kpstudio": text}}).encode()
    shipped.write_bytes(len(header).to_bytes(8, "little") + header)

    def full(*_):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(demo_project.shutil, "copyfile", full)
    with pytest.raises(UserProblem, match="No space left"):
        create_demo(tmp_path / "demo", images=1, labelled=1)
    assert not (tmp_path / "demo" / "demo.kps").exists()


@pytest.mark.parametrize(
    ("images", "labelled", "seed"), [(0, 0, 0), (3, 5, 0), (3, -1, 0), (3, 1, -7)]
)
def test_numbers_that_make_no_sense_are_refused(tmp_path, shipped, images, labelled, seed):
    with pytest.raises(UserProblem, match="cannot be drawn"):
        create_demo(tmp_path, images=images, labelled=labelled, seed=seed)

"""A newcomer's first minute: the demo, its predictions, another decoder, an accepted prediction."""

import numpy as np
import pytest
from PySide6.QtCore import Qt

from kpstudio.__main__ import main
from kpstudio.core.resources import resource_path
from kpstudio.store.project import Project
from kpstudio.workspace.inference import EngineState


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    assert main(["demo", "--dir", str(folder), "--no-open"]) == 0
    return folder / "demo.kps"


def test_the_demo_has_what_it_promises(demo):
    with Project.open(demo, read_only=True) as project:
        assert len(project.images()) == 60
        assert len(project.labelled_image_ids()) == 20
        assert len(project.skeleton) >= 9
        assert project.skeleton.flip_pairs
        seen = {int(v) for label in project.dataset().annotations for v in label.visibility}
        assert seen == {0, 1, 2}
        run = project.runs.newest()
        assert run is not None
        assert run.state == "finished"
    assert resource_path("models", "demo.safetensors").stat().st_size < 8_000_000


def test_predictions_and_heatmaps_are_there_at_once_and_enter_accepts_them(studio, demo):
    inference = studio.workspace.inference
    inference.start_engine()
    studio.open(demo)
    studio.wait(lambda: inference.state is EngineState.READY and inference.subjects, timeout_s=60)
    assert all(subject.heatmaps is not None for subject in inference.subjects)
    labels = studio.workspace.labels
    owners = studio.workspace.accepting.owners(inference.subjects)
    errors = [
        np.linalg.norm(subject.xy - label.xy, axis=1)[label.visibility == 2]
        for subject, owner in zip(inference.subjects, owners, strict=True)
        for label in labels.annotations
        if label.id == owner
    ]
    assert np.median(np.concatenate(errors)) < 6, "the shipped model knows these animals"

    studio.key(Qt.Key.Key_U)
    studio.wait_for_image()
    image_id = studio.workspace.selection.image_id
    studio.wait(lambda: inference.subjects_image_id == image_id and inference.subjects)
    predicted = len(inference.subjects)
    studio.key(Qt.Key.Key_Return)
    assert len(labels.annotations) == predicted
    assert {label.source for label in labels.annotations} == {"run:1"}
    studio.undo()
    assert labels.annotations == ()


def test_a_second_demo_in_the_same_folder_opens_the_first(demo):
    before = demo.read_bytes()
    assert main(["demo", "--dir", str(demo.parent), "--no-open"]) == 0
    assert demo.read_bytes() == before

"""The sample project: drawn images, some labelled, and a small trained network."""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import cv2
import msgspec
import numpy as np

from kpstudio.core.annotation import Annotation, new_annotation_id
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.errors import UserProblem
from kpstudio.core.resources import resource_path
from kpstudio.demo.generator import draw_sample
from kpstudio.demo.pose import mouse_skeleton
from kpstudio.demo.texture import prepare_tiles
from kpstudio.store.project import Project

SOURCE = "import:demo"
SIZE = (640, 480)
_QUALITY = 95


def create_demo(folder: Path, *, images: int = 60, labelled: int = 20, seed: int = 0) -> Path:
    """Draw a sample project.

    Args:
        folder: Made if it is not there; gets `demo.kps`, and the images in `images`.
        images: How many.
        labelled: How many of them have labels; the first one has, the others are spread evenly.
        seed: Of the first image; the next ones have the next seeds.

    Returns:
        The path of `demo.kps`.

    Raises:
        UserProblem: There is a demo already, the numbers make no sense, or the folder cannot be
            written.
    """
    folder = folder.expanduser().resolve()
    path = folder / "demo.kps"
    if path.exists():
        raise UserProblem(
            f"There is a demo in {folder} already.",
            "Open its demo.kps, or choose another folder for a new one.",
        )
    if images < 1 or not 0 <= labelled <= images or seed < 0:
        raise UserProblem(
            f"A demo of {images} images of which {labelled} are labelled cannot be drawn.",
            "Ask for at least one image, and for no more labels than images.",
        )
    try:
        dataset = _draw(folder / "images", images, labelled, seed)
    except OSError as error:
        raise _unwritable(folder, error) from error
    try:
        with Project.create(path, mouse_skeleton()) as project:
            project.import_dataset(dataset, source=SOURCE)
            _add_run(project)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def _draw(folder: Path, images: int, labelled: int, seed: int) -> Dataset:
    folder.mkdir(parents=True, exist_ok=True)
    digits = max(len(str(images)), 3)
    paths = [folder / f"mouse_{number:0{digits}}.jpg" for number in range(1, images + 1)]
    prepare_tiles()
    # OpenCV and numpy release the interpreter lock for most of the drawing.
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        drawn = list(pool.map(_draw_one, paths, range(seed, seed + images)))
    chosen = set(np.floor(np.arange(labelled) * images / max(labelled, 1)).astype(int).tolist())
    kept = []
    for index in sorted(chosen):
        kept += [replace(each, image_id=index + 1) for each in drawn[index]]
    listed = tuple(Image(index + 1, path, *SIZE) for index, path in enumerate(paths))
    return Dataset(mouse_skeleton(), listed, tuple(kept))


def _draw_one(path: Path, seed: int) -> tuple[Annotation, ...]:
    """Draw an image into a file; returns its labels as they go into a project."""
    sample = draw_sample(seed, size=SIZE)
    pixels = cv2.cvtColor(sample.image, cv2.COLOR_RGB2BGR)
    _, encoded = cv2.imencode(path.suffix, pixels, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    data = encoded.tobytes()
    if path.exists() and path.read_bytes() != data:
        raise UserProblem(
            f"{path} is there already, and is another image.",
            "Choose an empty folder for the demo.",
        )
    path.write_bytes(data)
    return tuple(
        replace(each, id=new_annotation_id(), author="kpstudio", time=path.stat().st_mtime)
        for each in sample.annotations
    )


def _add_run(project: Project) -> None:
    """The shipped network becomes the first run, so that there are predictions at once."""
    shipped = resource_path("models", "demo.safetensors")
    if not shipped.is_file():
        return
    network, median_px = _describe(shipped)
    run = project.runs.start(network, {}, name="Shipped with kpstudio")
    assert run.checkpoint is not None
    try:
        shutil.copyfile(shipped, run.checkpoint)
    except OSError as error:
        raise _unwritable(project.folder, error) from error
    project.runs.finish(
        run.id, state="finished", median_px=median_px, message="Trained on other drawings."
    )


class _CheckpointText(msgspec.Struct, frozen=True):
    network: str
    metrics: dict[str, float | None] = {}


class _CheckpointMetadata(msgspec.Struct, frozen=True):
    kpstudio: str


class _CheckpointHeader(msgspec.Struct, frozen=True):
    metadata: _CheckpointMetadata = msgspec.field(name="__metadata__")


def _describe(checkpoint: Path) -> tuple[str, float | None]:
    """Network and validation error of a checkpoint, read without torch.

    A safetensors file begins with the length of its JSON header, eight bytes, little endian.
    """
    with checkpoint.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = msgspec.json.decode(file.read(length), type=_CheckpointHeader)
    text = msgspec.json.decode(header.metadata.kpstudio, type=_CheckpointText)
    return text.network, text.metrics.get("median_px")


def _unwritable(folder: Path, error: OSError) -> UserProblem:
    return UserProblem(
        f"The demo cannot be written to {folder} ({error.strerror}).",
        "Choose a folder that you may write to, on a disk with 20 MB to spare.",
    )

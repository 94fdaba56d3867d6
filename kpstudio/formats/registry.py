"""The table of formats, and the choice among them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from kpstudio.core.annotation import Prediction
from kpstudio.core.dataset import Dataset
from kpstudio.core.errors import UserProblem
from kpstudio.core.registry import Registry
from kpstudio.core.skeleton import Skeleton
from kpstudio.formats.coco import CocoFormat
from kpstudio.formats.coco_results import CocoResultsFormat
from kpstudio.formats.cvat import CvatFormat
from kpstudio.formats.dlc import DlcFormat
from kpstudio.formats.dpk import DeepPoseKitFormat
from kpstudio.formats.format import Format, WriteReceipt
from kpstudio.formats.images import ImagesFormat
from kpstudio.formats.kaggle_faces import KaggleFacesFormat
from kpstudio.formats.label_studio import LabelStudioFormat
from kpstudio.formats.labelme import LabelmeFormat
from kpstudio.formats.long_table import LongTableFormat
from kpstudio.formats.mpii import MpiiFormat
from kpstudio.formats.nwb import NwbFormat
from kpstudio.formats.parquet import ParquetFormat
from kpstudio.formats.pts import PtsFormat
from kpstudio.formats.read_back import compare
from kpstudio.formats.slp import SleapFormat
from kpstudio.formats.slp_predictions import SleapPredictionsFormat
from kpstudio.formats.video import VideoFormat
from kpstudio.formats.wide_table import WideTableFormat
from kpstudio.formats.yolo import YoloFormat

FORMATS: Registry[Format] = Registry(
    "format",
    {
        "dlc": DlcFormat(),
        "sleap": SleapFormat(),
        "sleap_predictions": SleapPredictionsFormat(),
        "deepposekit": DeepPoseKitFormat(),
        "mpii": MpiiFormat(),
        "parquet": ParquetFormat(),
        "nwb": NwbFormat(),
        "yolo": YoloFormat(),
        "pts": PtsFormat(),
        "labelme": LabelmeFormat(),
        "cvat": CvatFormat(),
        "label_studio": LabelStudioFormat(),
        "coco_results": CocoResultsFormat(),
        "coco": CocoFormat(),
        "kaggle_faces": KaggleFacesFormat(),
        "csv": LongTableFormat(),
        "csv_wide": WideTableFormat(),
        "video": VideoFormat(),
        "images": ImagesFormat(),
    },
    group="kpstudio.formats",
)
"""In the order in which they are tried: a folder of labels is a folder of images too."""


def detect_format(path: Path) -> str:
    """The name of the first format that recognises a file or folder.

    Raises:
        UserProblem: It is not there, or none does.
    """
    with _explained(path):
        if not path.exists():
            raise UserProblem(f"There is nothing at {path}.", "Check the path.")
        for name, format in FORMATS.items():
            if format.recognises(path):
                return name
    if path.is_dir():
        raise UserProblem(
            f"The folder {path} has neither labels nor images nor videos that kpstudio can read.",
            "Choose a folder of images, a video, a DeepLabCut project, or a labels file.",
        )
    raise UserProblem(
        f"{path.name} is in no format that kpstudio can read.",
        f"It reads: {', '.join(format.title for _, format in FORMATS.items())}.",
    )


def read(path: Path, skeleton: Skeleton, *, format: str = "auto") -> Dataset:
    """Images and annotations from a file or folder.

    Args:
        path: Of the file or folder.
        skeleton: The keypoints, whose order the annotations will have.
        format: A name in `FORMATS`, or "auto".

    Raises:
        UserProblem: It cannot be read; says what is wrong where, and how to mend it.
    """
    name = detect_format(path) if format == "auto" else format
    entry = FORMATS[name]
    with _explained(path):
        if not path.exists():
            raise UserProblem(f"There is nothing at {path}.", "Check the path.")
        return entry.read(path, skeleton)


def read_skeleton_of(path: Path, *, format: str = "auto") -> Skeleton:
    """The keypoints that a labels file names.

    Raises:
        UserProblem: It cannot be read, or names none.
    """
    entry = FORMATS[detect_format(path) if format == "auto" else format]
    with _explained(path):
        return entry.skeleton(path)


def write(
    dataset: Dataset,
    path: Path,
    *,
    format: str = "coco",
    predictions: Sequence[Prediction] | None = None,
) -> WriteReceipt:
    """Write the annotations of a dataset, or predictions for its images where they are given.

    What was written is read again and compared; the receipt tells how it differs, if it does.

    Raises:
        UserProblem: The format is only read, or the file cannot be written; what was there
            before is unchanged.
    """
    entry = FORMATS[format]
    if not entry.can_write:
        raise UserProblem(
            f"{entry.title} can be imported, but not exported.", "Export as “coco” instead."
        )
    receipt = entry.write(dataset, path, predictions=predictions)
    return _checked(entry, receipt, dataset, predictions)


def _checked(
    entry: Format,
    receipt: WriteReceipt,
    dataset: Dataset,
    predictions: Sequence[Prediction] | None,
) -> WriteReceipt:
    if predictions is None:
        unlabelled = len(dataset.images) - len(dataset.annotations_by_image())
        left_out = min(unlabelled, len(dataset.images) - receipt.images)
        receipt = replace(receipt, unlabelled=max(left_out, 0))
    if not entry.can_read_back:
        return receipt
    try:
        with _explained(receipt.path):
            back = entry.read(receipt.path, dataset.skeleton)
    except UserProblem as problem:
        return replace(receipt, unread=problem.message)
    return replace(receipt, read_back=compare(dataset, back, predictions=predictions))


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """What any reader may meet: files that go away, names that no system allows, endless nesting.

    Raises:
        UserProblem: Instead of what the system or the interpreter says.
    """
    try:
        yield
    except OSError as error:
        what = error.strerror or str(error)
        where = f": {error.filename}" if error.filename else ""
        raise UserProblem(
            f"{path.name} cannot be read, or a file that it names cannot ({what}{where}).",
            "Check that its disk is connected and that its paths are right, then try again.",
        ) from error
    except RecursionError as error:
        raise UserProblem(
            f"{path.name} is nested more deeply than any labels are.",
            "Export the file again: it may be damaged.",
        ) from error
    except MemoryError as error:
        raise UserProblem(
            f"{path.name} needs more memory than there is.",
            "Close other programs, or split the file; if it is not that large, export it again.",
        ) from error

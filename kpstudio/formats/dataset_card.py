"""A page that tells others what a dataset is: its keypoints, its counts, where it comes from."""

from collections import Counter

import numpy as np

from kpstudio.core.dataset import Dataset
from kpstudio.core.skeleton import COCO_DEFAULT_SIGMA, Skeleton

_PARTS = ("train", "val", "test", None)
_TO_FILL = "*to be filled in*"


def dataset_card(
    dataset: Dataset, *, title: str, file: str = "", origin: Dataset | None = None
) -> str:
    """Markdown.

    Args:
        dataset: As it is exported.
        title: Of the page.
        file: Name of the labels file, where there is one.
        origin: From which images it was made, where they were copied or cut out.
    """
    parts = [
        f"# {title}",
        _purpose(dataset, file),
        "## Keypoints",
        _keypoints(dataset),
        _edges(dataset.skeleton),
        "## Counts",
        _counts(dataset),
        "## Sources",
        _sources(dataset, origin or dataset),
        "## Licence",
        "\n".join(
            f"- {what}: {_TO_FILL}"
            for what in (
                "Licence of the images",
                "Licence of the labels",
                "Who took the images, and where",
                "Consent of people shown, or approval for animals",
                "How to cite",
                "Contact",
            )
        ),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _purpose(dataset: Dataset, file: str) -> str:
    where = f"`{file}` holds " if file else "This dataset has "
    name = _cell(dataset.skeleton.category)
    return (
        f"{where}{len(dataset.images):,} images with {len(dataset.annotations):,} labelled subjects"
        f" (“{name}”) of {len(dataset.skeleton)} keypoints.\n\n"
        "Positions are in pixels, x to the right and y down; the centre of the top-left pixel is"
        " (0, 0). Visibility is COCO's: 0 not labelled, 1 occluded, 2 visible.\n\n"
        f"What it is for, and what it is not for: {_TO_FILL}"
    )


def _keypoints(dataset: Dataset) -> str:
    skeleton = dataset.skeleton
    levels = np.array([each.visibility for each in dataset.annotations], np.int8)
    levels = levels.reshape(-1, len(skeleton))
    visible, occluded, unlabelled = ((levels == level).sum(axis=0) for level in (2, 1, 0))
    mirror = skeleton.flip_order()
    return _table(
        ("", "keypoint", "mirror image", "sigma", "visible", "occluded", "not labelled"),
        [
            (
                str(k + 1),
                name,
                skeleton.keypoints[mirror[k]] if mirror[k] != k else "–",
                f"{skeleton.oks_sigmas()[k]:g}",
                f"{visible[k]:,}",
                f"{occluded[k]:,}",
                f"{unlabelled[k]:,}",
            )
            for k, name in enumerate(skeleton.keypoints)
        ],
    ) + (
        ""
        if skeleton.sigmas
        else f"\n\nThe sigmas of OKS were not measured: {COCO_DEFAULT_SIGMA:g} stands for each."
    )


def _edges(skeleton: Skeleton) -> str:
    if not skeleton.edges:
        return ""
    names = skeleton.keypoints
    joined = ", ".join(f"{_cell(names[a])} – {_cell(names[b])}" for a, b in skeleton.edges)
    return f"Edges: {joined}."


def _counts(dataset: Dataset) -> str:
    part_of = {image.id: image.split for image in dataset.images}
    rows = []
    for part in _PARTS:
        images = [image for image in dataset.images if image.split == part]
        if not images:
            continue
        subjects = [each for each in dataset.annotations if part_of[each.image_id] == part]
        levels = np.array([each.visibility for each in subjects], np.int64).ravel()
        unlabelled, occluded, visible = np.bincount(levels, minlength=3).tolist()
        labelled = {each.image_id for each in subjects if each.is_labelled.any()}
        numbers = (len(images), len(labelled), len(subjects), visible, occluded, unlabelled)
        rows.append((part or "not divided", *(f"{number:,}" for number in numbers)))
    header = ("part", "images", "labelled", "subjects", "visible", "occluded", "not labelled")
    return _table(header, rows)


def _sources(dataset: Dataset, origin: Dataset) -> str:
    sources = Counter(_source(each.source) for each in dataset.annotations)
    authors = Counter(each.author or "unnamed" for each in dataset.annotations)
    folders = Counter(image.path.parent.name for image in origin.images)
    lines = [f"- {_cell(name)}: {count:,} subjects" for name, count in sources.most_common()]
    lines.append(f"- Annotators: {', '.join(f'{_cell(a)} ({n:,})' for a, n in authors.items())}")
    shown = ", ".join(f"{_cell(name)} ({count:,})" for name, count in folders.most_common(20))
    lines.append(f"- Folders of images: {shown}{' …' if len(folders) > 20 else ''}")
    return "\n".join(lines)


def _source(source: str) -> str:
    kind, _, which = source.partition(":")
    if kind == "run":
        return f"accepted from the model of run {which}"
    return f"imported ({which})" if kind == "import" else "labelled by people"


def _table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [header, ("---",) * len(header), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")

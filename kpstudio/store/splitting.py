"""Dividing the images of a project into train, val and test, whole groups at a time."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, update

from kpstudio.core.dataset import Image, Split
from kpstudio.core.errors import UserProblem
from kpstudio.store.tables import images as image_table

_SET_SPLIT = (
    update(image_table).where(image_table.c.id == bindparam("at")).values(split=bindparam("to"))
)
_DRAWS = 20
_PARTS: tuple[Split, ...] = ("train", "val", "test")


@dataclass(frozen=True)
class _Unit:
    """What goes into one part whole: the images of a group that have no split, or one image."""

    image_ids: tuple[int, ...]
    weight: int


@dataclass(frozen=True)
class Fractions:
    """Which shares of the labelled images to set apart.

    Args:
        val: For validation. Where `test` is 0, of the images that are not test images already.
        test: Kept aside; of all.

    Raises:
        UserProblem: They leave nothing to train on, or are negative.
    """

    val: float
    test: float = 0.0

    def __post_init__(self) -> None:
        for kind, fraction in (("validation", self.val), ("test", self.test)):
            if not 0 <= fraction < 1:
                raise UserProblem(
                    f"A {kind} fraction of {fraction:g} is not possible.",
                    "Choose a number from 0 up to, but not including, 1; 0.2 is usual.",
                )
        if self.val + self.test >= 1:
            raise UserProblem(
                f"Fractions of {self.val:g} and {self.test:g} leave nothing to train on.",
                "Choose smaller ones; 0.2 and 0.1 are usual.",
            )


def write_split(
    connection: Connection,
    images: Sequence[Image],
    labelled: frozenset[int],
    *,
    fractions: Fractions,
    seed: int,
) -> dict[Split, int]:
    """Give every image without a split one: that of its group, or one drawn for the whole group.

    Groups with labelled images and others are drawn separately, so that the fractions hold for
    the labelled images as well as groups of their sizes allow. Images that have a split already
    keep it, and count. Where there are two groups, train is never empty, and no part that was
    asked for is, unless train would be.

    Returns:
        How many images each part has now.
    """
    changes = _joining(images)
    parts = {image.id: changes.get(image.id, image.split) for image in images}
    draw = random.Random(seed)
    for is_labelled in (True, False):
        pool = [image for image in images if (image.id in labelled) is is_labelled]
        units = _units(images, parts, labelled, is_labelled=is_labelled)
        drawn = _draw(units, Counter(parts[image.id] for image in pool), fractions, draw)
        changes |= drawn
        parts |= drawn
    set_splits(connection, changes)
    counts = Counter(parts.values())
    return {name: counts[name] for name in _PARTS}


def set_splits(connection: Connection, splits: Mapping[int, Split]) -> None:
    """Put images into parts, by their ids."""
    if splits:
        connection.execute(_SET_SPLIT, [{"at": at, "to": to} for at, to in splits.items()])


def forget_split(connection: Connection) -> None:
    """Leave every image without a split."""
    connection.execute(update(image_table).values(split=None))


def _joining(images: Sequence[Image]) -> dict[int, Split]:
    """For images without a split, that of their group; of a torn group where most of it is."""
    of_group: dict[str, Counter[Split]] = {}
    for image in images:
        if image.group and image.split is not None:
            of_group.setdefault(image.group, Counter())[image.split] += 1
    return {
        image.id: max(_PARTS, key=of_group[image.group].__getitem__)
        for image in images
        if image.split is None and image.group in of_group
    }


def _units(
    images: Sequence[Image],
    parts: dict[int, Split | None],
    labelled: frozenset[int],
    *,
    is_labelled: bool,
) -> list[_Unit]:
    """What is still to be divided, of the groups that have labelled images or of the others."""
    members: dict[str | int, list[int]] = {}
    for image in images:
        if parts[image.id] is None:
            members.setdefault(image.group or image.id, []).append(image.id)
    units = []
    for ids in members.values():
        count = sum(each in labelled for each in ids)
        if bool(count) is is_labelled:
            units.append(_Unit(tuple(ids), count or len(ids)))
    return units


def _draw(
    units: list[_Unit],
    there: Counter[Split | None],
    fractions: Fractions,
    draw: random.Random,
) -> dict[int, Split]:
    """The part of each image of the units.

    Args:
        units: To be divided.
        there: How many images of this kind are in each part, and under None those in no part.
        fractions: Of all images of this kind.
        draw: What chance is taken from.
    """
    total = there.total()
    rest = units
    changes: dict[int, Split] = {}
    base = total if fractions.test else total - there["test"]
    wishes: dict[Split, float] = {"val": fractions.val * base, "test": fractions.test * total}
    for part, wanted in wishes.items():
        chosen = _drawn(
            rest,
            round(wanted) - there[part],
            draw,
            most=len(rest) - (0 if there["train"] else 1),
            needs_one=wanted > 0 and not there[part],
        )
        rest = [unit for unit in rest if unit not in chosen]
        changes |= dict.fromkeys((each for unit in chosen for each in unit.image_ids), part)
    return changes | dict.fromkeys((each for unit in rest for each in unit.image_ids), "train")


def _drawn(
    units: Sequence[_Unit], wanted: int, draw: random.Random, *, most: int, needs_one: bool
) -> frozenset[_Unit]:
    """At most so many units that weigh together about what is wanted: the best of a few draws."""
    best: frozenset[_Unit] = frozenset()
    error: int | None = None
    for _ in range(_DRAWS):
        chosen = _chosen(draw.sample(units, len(units)), wanted, most=most, needs_one=needs_one)
        off = abs(wanted - sum(unit.weight for unit in chosen))
        if error is None or off < error:
            best, error = chosen, off
        if not error:
            break
    return best


def _chosen(units: Sequence[_Unit], wanted: int, *, most: int, needs_one: bool) -> frozenset[_Unit]:
    """Units in their order as long as they fit, and one more where that comes closer."""
    chosen: set[_Unit] = set()
    missing = wanted
    for unit in units:
        if unit.weight <= missing and len(chosen) < most:
            chosen.add(unit)
            missing -= unit.weight
    left = [unit for unit in units if unit not in chosen]
    if left and len(chosen) < most:
        closest = min(left, key=lambda unit: abs(unit.weight - missing))
        if abs(closest.weight - missing) < missing or (needs_one and not chosen):
            chosen.add(closest)
    return frozenset(chosen)

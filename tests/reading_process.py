"""A process that reads damaged files and says of each what came of it.

It is a process of its own, so that a crash, a hang and a lack of memory are seen as such.
Arguments: a folder to work in, the shared data or "-", the first and the last number of the cases.
"""

import collections
import faulthandler
import json
import random
import resource
import sys
import time
import traceback
import warnings
from pathlib import Path

import numpy as np
from damage import damage, damage_place, names_below, remove
from specimens import Specimen, make_specimens

from kpstudio import formats
from kpstudio.core.annotation import Annotation
from kpstudio.core.dataset import Dataset
from kpstudio.core.errors import UserProblem
from kpstudio.store.project import Project

TIME_LIMIT_S = 20
ADDRESS_SPACE = 4 << 30
MEMORY_LIMIT = 1 << 30
IMPORTED_OF = 5


def check_dataset(dataset: Dataset, specimen: Specimen) -> None:
    """What everything that takes a dataset relies on."""
    images = {image.id for image in dataset.images}
    assert len(images) == len(dataset.images), "two images have the same id"
    ids = {each.id for each in dataset.annotations}
    assert len(ids) == len(dataset.annotations), "two annotations have the same id"
    for each in dataset.annotations:
        assert isinstance(each, Annotation)
        assert each.image_id in images, "an annotation has no image"
        assert len(each.xy) == len(dataset.skeleton)
        assert np.isfinite(each.xy[each.is_labelled]).all()
        if each.box is not None:
            sides = (each.box.x, each.box.y, each.box.width, each.box.height)
            assert np.isfinite(sides).all(), f"a box is {sides}"
    for image in dataset.images:
        assert image.path.is_absolute(), f"the path {image.path} is not absolute"
        assert image.width >= 0
        assert image.height >= 0
    assert set(dataset.skeleton.keypoints) == set(specimen.skeleton.keypoints)


def check_problem(problem: UserProblem) -> None:
    assert problem.message, "nothing is said"
    assert problem.hint, f"nothing is advised: {problem.message}"
    assert len(problem.message) < 2000, f"{len(problem.message)} characters are said"


def import_and_read_back(dataset: Dataset, specimen: Specimen, folder: Path) -> None:
    path = folder / "project.kps"
    remove(path)
    with Project.create(path, specimen.skeleton) as project:
        report = project.import_dataset(dataset, source="damaged")
        assert len(project.dataset().annotations) == report.annotations


def attempt(specimen: Specimen, number: int, folder: Path) -> str:
    """Damage one file, read it, and put it back as it was."""
    draw = random.Random(f"damage {number}")
    part = draw.choice(specimen.parts())
    whole = part.read_bytes()
    before = names_below(specimen.folder)
    (specimen.folder / "loop").symlink_to("loop")
    try:
        if draw.random() < 0.03:
            damage_place(part, draw)
        else:
            part.write_bytes(damage(whole, draw))
        try:
            formats.detect_format(specimen.path)
        except UserProblem as problem:
            check_problem(problem)
        try:
            formats.read_skeleton_of(specimen.path, format=specimen.format)
        except UserProblem as problem:
            check_problem(problem)
        try:
            dataset = formats.read(specimen.path, specimen.skeleton, format=specimen.format)
            check_dataset(dataset, specimen)
            if number % IMPORTED_OF == 0:
                import_and_read_back(dataset, specimen, folder)
        except UserProblem as problem:
            check_problem(problem)
            return "refused"
        return "read"
    finally:
        remove(part)
        part.write_bytes(whole)
        remove(specimen.folder / "loop")
        for name in names_below(specimen.folder) - before:
            kept = (f"{specimen.path.name}.images/", f"{specimen.path.stem}_images/")
            unexpected = not name.startswith(kept)
            hidden = Path(name).name.startswith(".")
            remove(specimen.folder / name)
            assert not hidden, f"half a file is left: {name}"
            assert not unexpected, f"a file is left: {name}"


def most_memory() -> int:
    """Bytes. What `getrusage` says began with the memory of the process that started this one."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (line,) = (each for each in status.read_text().splitlines() if each.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def main(work: str, shared: str, first: str, last: str) -> None:
    folder = Path(work)
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    faulthandler.enable()
    warnings.simplefilter("error", RuntimeWarning)
    specimens = make_specimens(folder, None if shared == "-" else Path(shared))
    names = list(specimens)
    counts: dict[str, collections.Counter[str]] = {name: collections.Counter() for name in names}
    failures, slowest = [], 0.0
    current = folder / "current"
    for number in range(int(first), int(last)):
        draw = random.Random(f"specimen {number}")
        specimen = draw.choice(specimens[names[number % len(names)]])
        current.write_text(f"{number} {specimen.format} {specimen.path.name}")
        faulthandler.dump_traceback_later(TIME_LIMIT_S, exit=True)
        start = time.monotonic()
        try:
            outcome = attempt(specimen, number, folder)
        except Exception:
            outcome = "failed"
            where = f"case {number}, {specimen.format}, {specimen.path.name}"
            failures.append(f"{where}\n{traceback.format_exc(limit=-8)}")
        slowest = max(slowest, time.monotonic() - start)
        counts[specimen.format][outcome] += 1
    faulthandler.cancel_dump_traceback_later()
    peak = most_memory()
    if peak > MEMORY_LIMIT:
        failures.append(f"{peak / 2**20:.0f} MiB of memory were used")
    answer = {"counts": counts, "failures": failures, "slowest_s": slowest, "peak": peak}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Commands about what is in a project: demo, new, import, export."""

import argparse
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from kpstudio.cli.terminal import ProgressLine, print_json, print_result, say
from kpstudio.cli.window_request import WindowRequest
from kpstudio.core.errors import UserProblem
from kpstudio.core.resources import resource_path

if TYPE_CHECKING:
    from kpstudio.core.annotation import Prediction
    from kpstudio.formats import ExportOrder, ImageChoice
    from kpstudio.store.project import Project


_QUIET_S = 2.0


def demo(arguments: argparse.Namespace) -> int | WindowRequest:
    """Draw the sample project where it is not there yet, and open it."""
    project = Path(arguments.dir) / "demo.kps"
    if project.exists():
        say(f"{project} is there already.")
    else:
        from kpstudio.demo.project import create_demo

        project = create_demo(
            Path(arguments.dir),
            images=arguments.images,
            labelled=arguments.labelled,
            seed=arguments.seed,
        )
        say(f"Drew a sample project: {project}")
    if arguments.no_open:
        print_result(str(project))
        return 0
    return WindowRequest(project)


def new(arguments: argparse.Namespace) -> int:
    """Make an empty project."""
    from kpstudio import formats
    from kpstudio.core.skeleton import read_skeleton
    from kpstudio.store.project import Project

    if arguments.labels is not None:
        skeleton = formats.read_skeleton_of(Path(arguments.labels))
    else:
        skeleton = read_skeleton(skeleton_path(arguments.skeleton))
    with Project.create(Path(arguments.project), skeleton):
        pass
    count = len(skeleton)
    say(f"Made {arguments.project} with the skeleton “{skeleton.name}” ({count} keypoints).")
    return 0


def skeleton_path(name: str) -> Path:
    """The file, or the one of that name which came with kpstudio."""
    path = Path(name)
    supplied = resource_path("skeletons", path.name).with_suffix(".json")
    return supplied if not path.exists() and supplied.is_file() else path


def import_(arguments: argparse.Namespace) -> int:
    """Read images and labels into a project, or only say what is wrong with them."""
    from kpstudio import formats
    from kpstudio.cli.check_report import check_source, print_findings, print_report
    from kpstudio.store.project import Project

    if arguments.source is None:
        return _import_new(arguments)
    source = Path(arguments.source)
    choice = formats.FrameChoice(every=arguments.every, count=arguments.frames)
    with Project.open(Path(arguments.project), read_only=arguments.check) as project:
        name = arguments.format
        if name == "auto":
            name = formats.detect_format(source)
        dataset = choice.of(formats.read(source, project.skeleton, format=name))
        if arguments.offset is not None:
            dataset = dataset.moved(*arguments.offset)
        if arguments.visibility == "presence":
            dataset = dataset.all_visible()
        checked = check_source(dataset, project, reads_pixels=arguments.pixels)
        if arguments.check:
            if arguments.json:
                print_json({"format": name, **asdict(checked)})
            else:
                print_report(checked, title=f"{source} ({formats.FORMATS[name].title})")
            return 1 if checked.has_errors else 0
        if not arguments.json:
            print_findings(checked)
        if checked.has_errors and not arguments.anyway:
            worst = checked.findings[0]
            raise UserProblem(
                f"Nothing was imported: {worst.message}",
                f"{worst.hint} If it is right as it is, say --anyway.",
            )
        report = project.import_dataset(dataset, source=source.resolve().name)
    if arguments.json:
        findings = [asdict(each) for each in checked.findings]
        print_json({"format": name, **asdict(report), "findings": findings})
        return 0
    print_result(f"Imported {report.images} images and {report.annotations} annotations ({name}).")
    if report.known_images:
        known = f"{report.known_images} images and {report.known_annotations} annotations"
        say(f"{known} were there already.")
    return 0


def _import_new(arguments: argparse.Namespace) -> int:
    """The images that have appeared in folders that were imported before."""
    from kpstudio import formats
    from kpstudio.store.project import Project

    new = 0
    with Project.open(Path(arguments.project)) as project:
        folders = project.watched_folders()
        if not folders:
            raise UserProblem(
                "No folder of images was imported into this project yet.",
                f"Say which: kpstudio import {arguments.project} FOLDER",
            )
        missing = [each for each in folders if not each.is_dir()]
        for folder in folders:
            if folder not in missing:
                dataset = formats.read(folder, project.skeleton, format="images")
                new += project.import_dataset(dataset, source=folder.name).images
    for folder in missing:
        say(f"The folder {folder} is not there.")
    if arguments.json:
        print_json({"images": new, "missing_folders": [str(each) for each in missing]})
    else:
        print_result(f"Found {new} new images in {len(folders) - len(missing)} folders.")
    return 0


def export(arguments: argparse.Namespace) -> int:
    """Write labels or predictions in a format of this field."""
    from kpstudio import formats
    from kpstudio.store.project import Project

    order = _order(arguments)
    with Project.open(Path(arguments.project), read_only=True) as project:
        predictions = None
        if arguments.what == "predictions":
            content = formats.ExportContent(project.dataset())
            predictions = _stored_predictions(project, arguments.run_id)
        else:
            content = formats.ExportContent.of_labels(project, order)
        if predictions is None and not content.dataset.labelled().images:
            raise UserProblem("No image of this project is labelled yet.", "Label some images.")
    line, start = ProgressLine(), time.monotonic()

    def show(done: int, total: int) -> None:
        if time.monotonic() > start + _QUIET_S:
            line.show(f"{done} of {total} images")

    try:
        receipt = formats.export(
            content.dataset,
            order,
            predictions=predictions,
            unlabelled=content.unlabelled,
            report=show,
        )
    finally:
        line.clear()
    if arguments.json:
        print_json(asdict(receipt) | {"path": str(receipt.path)})
    else:
        first, *more = receipt.lines()
        print_result("\n  ".join([f"Wrote {receipt.path}: {first}", *more]))
    return 0


def _order(arguments: argparse.Namespace) -> "ExportOrder":
    from kpstudio.formats import ExportOrder, Subset

    out = Path(arguments.out)
    images: ImageChoice = "copy" if arguments.copy_images else "leave"
    folder = arguments.copy_images or arguments.link_images
    if arguments.link_images:
        images = "link"
    if arguments.crop is not None:
        if not arguments.copy_images:
            raise UserProblem(
                "Into which folder shall the cut-out images go?",
                "Name it: --crop --copy-images FOLDER",
            )
        images = "crop"
    order = ExportOrder(
        out,
        arguments.format,
        Subset(
            arguments.split,
            arguments.review,
            arguments.tag or "",
            arguments.author or "",
            arguments.images or "",
        ),
        images,
        Path(folder) if folder else None,
    )
    if arguments.crop is not None:
        order = replace(order, margin=arguments.crop)
    if arguments.card is not None:
        order = replace(order, card=Path(arguments.card or out.with_suffix(".md")))
    return order


def _stored_predictions(project: "Project", run_id: int | None) -> "Sequence[Prediction]":
    run = project.newest_run() if run_id is None else project.run(run_id)
    found = project.predictions(run.id) if run else ()
    if not found:
        raise UserProblem(
            f"Run {run.id} has no predictions." if run else "There is no trained run yet.",
            f"Predict all images first: kpstudio predict {project.path}",
        )
    return found

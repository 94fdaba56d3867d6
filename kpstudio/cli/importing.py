"""The import command."""

import argparse
import math
from dataclasses import asdict
from pathlib import Path

from kpstudio.cli.command import Command
from kpstudio.cli.terminal import print_json, print_result, say
from kpstudio.core.errors import UserProblem


def _add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("project", metavar="PROJECT")
    command.add_argument(
        "source",
        nargs="?",
        metavar="SOURCE",
        help="file or folder, which stays where it is; without one, new images in the folders that"
        " were imported before",
    )
    command.add_argument("--format", default="auto", help="auto by default")
    _add_checks(command)
    some = command.add_mutually_exclusive_group()
    some.add_argument("--every", type=int, metavar="N", help="of a video, every Nth frame only")
    some.add_argument(
        "--frames", type=int, metavar="N", help="of a video, N frames only, evenly spread"
    )


def _add_checks(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--check", action="store_true", help="import nothing; say what is wrong with it"
    )
    command.add_argument(
        "--pixels",
        action="store_true",
        help="decode every image: finds damage, and images of different parts of the split that"
        " are nearly the same",
    )
    command.add_argument(
        "--offset", type=offset, metavar="X,Y", help="move all positions by that many pixels"
    )
    command.add_argument(
        "--visibility",
        choices=("coco", "presence"),
        default="coco",
        help="what 1 means in the file: occluded, or only that the keypoint is labelled, so that it"
        " is taken as visible; %(default)s",
    )
    command.add_argument("--anyway", action="store_true", help="import although there are errors")


def offset(word: str) -> tuple[float, float]:
    """Two finite numbers of pixels, as in -1,-1."""
    x, y = (float(part) for part in word.split(","))
    if not math.isfinite(x + y):
        raise ValueError(word)
    return x, y


def import_(arguments: argparse.Namespace) -> int:
    """Read images and labels into a project, or only say what is wrong with them."""
    from kpstudio import formats
    from kpstudio.cli.check_report import check_source, print_findings, print_report
    from kpstudio.store.project import Project

    if arguments.source is None:
        return _import_new(arguments)
    source = Path(arguments.source)
    choice = formats.FrameChoice(every=arguments.every, count=arguments.frames)
    with Project.open(Path(arguments.project), read_only=arguments.check, notify=say) as project:
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
        folders = project.files.watched_folders()
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


IMPORT = Command(
    "import", "read images and labels into a project", import_, _add_arguments, has_json=True
)

"""The demo and new commands: where projects come from."""

import argparse
from pathlib import Path

from kpstudio.cli.command import Command
from kpstudio.cli.terminal import print_result, say
from kpstudio.cli.window_request import WindowRequest
from kpstudio.core.resources import resource_path


def _add_demo_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--dir", default="kpstudio-demo", metavar="D", help="./kpstudio-demo")
    command.add_argument("--no-open", action="store_true", help="only write D/demo.kps")
    command.add_argument("--images", type=int, default=60, help=argparse.SUPPRESS)
    command.add_argument("--labelled", type=int, default=20, help=argparse.SUPPRESS)
    command.add_argument("--seed", type=int, default=0, help=argparse.SUPPRESS)


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


def _add_new_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("project", metavar="PROJECT")
    source = command.add_mutually_exclusive_group(required=True)
    source.add_argument("--skeleton", metavar="FILE", help="JSON file or supplied name")
    source.add_argument("--labels", metavar="FILE", help="labels that name their keypoints")


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


DEMO = Command("demo", "draw a sample project and open it", demo, _add_demo_arguments)


NEW = Command("new", "make an empty project", new, _add_new_arguments)

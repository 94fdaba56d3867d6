"""The tag command."""

import argparse
from pathlib import Path

from kpstudio.cli.command import Command
from kpstudio.cli.image_choice import fitting_images
from kpstudio.cli.terminal import print_json, print_result, say


def _add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("project", metavar="PROJECT")
    command.add_argument("tag", nargs="?", metavar="TAG", help="without one all are listed")
    command.add_argument("images", nargs="*", metavar="PATTERN", help="file names, with * and ?")
    command.add_argument("--remove", action="store_true", help="take the tag from the images")


def tag(arguments: argparse.Namespace) -> int:
    """Put a tag on images, take it from them, or list all tags."""
    from kpstudio.store.project import Project

    path = Path(arguments.project)
    if arguments.tag is None:
        with Project.open(path, read_only=True, notify=say) as project:
            tags = project.marks.tags()
        if arguments.json:
            print_json(tags)
        elif tags:
            print_result("\n".join(f"{name}  {count} images" for name, count in tags.items()))
        else:
            say(f"No image has a tag yet. Add one: kpstudio tag {path} night 'night_*'")
        return 0
    with Project.open(path) as project:
        example = f"kpstudio tag {path} {arguments.tag} 'night_*.png'"
        chosen = fitting_images(project, arguments.images, example=example)
        if arguments.remove:
            project.marks.change_tags(chosen, remove=[arguments.tag])
        else:
            project.marks.change_tags(chosen, add=[arguments.tag])
        tags = project.marks.tags()
    if arguments.json:
        print_json(tags)
    else:
        print_result(f"{len(chosen)} images; {tags.get(arguments.tag, 0)} have “{arguments.tag}”.")
    return 0


TAG = Command("tag", "put tags on images", tag, _add_arguments, has_json=True)

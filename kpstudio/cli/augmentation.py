"""The augmentation command."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kpstudio.cli.command import Command
from kpstudio.cli.terminal import print_json, print_result, say
from kpstudio.core.augmentation import PRESETS, Augmentation, AugmentationChoice
from kpstudio.core.errors import UserProblem
from kpstudio.core.parameters import describe_parameters

if TYPE_CHECKING:
    from kpstudio.store.project import Project
    from kpstudio.training.preview import View

_VIEWS, _COLUMNS, _GAP = 24, 6, 4


def _add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("project", metavar="PROJECT")
    command.add_argument("--preset", choices=tuple(PRESETS), help="forgets earlier changes")
    command.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="change one value"
    )
    command.add_argument("--preview", metavar="OUT.png", help="draw what a training sees")
    command.add_argument("--seed", type=int, default=0, help="of the preview")


def augmentation(arguments: argparse.Namespace) -> int:
    """Show or choose how far training samples of a project may differ from what was labelled."""
    from kpstudio.store.project import Project
    from kpstudio.store.training_plan import read_augmentation, write_augmentation

    is_changing = arguments.preset is not None or bool(arguments.set)
    with Project.open(Path(arguments.project), read_only=not is_changing, notify=say) as project:
        choice = read_augmentation(project)
        if is_changing:
            preset = arguments.preset or choice.preset
            before = {} if arguments.preset else choice.changes
            choice = AugmentationChoice(preset, {**before, **_values(arguments.set)})
            write_augmentation(project, choice)
        shown = choice.augmentation(if_automatic=Augmentation())
        if arguments.preview is not None:
            _preview(project, choice, Path(arguments.preview), seed=arguments.seed)
    if arguments.json:
        print_json({"preset": choice.preset, "changes": choice.changes, "values": shown})
    else:
        print_result(_described(choice, shown))
    return 0


def _values(words: Sequence[str]) -> dict[str, float]:
    values = {}
    for word in words:
        name, equals, value = word.partition("=")
        try:
            values[name.strip()] = float(value)
        except ValueError:
            equals = ""
        if not equals:
            raise UserProblem(
                f"“{word}” is not a value.", "Write NAME=VALUE, for example rotation=30."
            )
    return values


def _described(choice: AugmentationChoice, shown: Augmentation) -> str:
    preset = PRESETS[choice.preset]
    rows = []
    for parameter in describe_parameters(Augmentation):
        mark = "*" if parameter.name in choice.changes else " "
        value = f"{getattr(shown, parameter.name):g}{mark}"
        rows.append(f"  {parameter.name:<14} {value:>6}  {parameter.help}")
    changed = "\n  * changed" if choice.changes else ""
    others = "\n".join(f"  {name:<18} {each.help}" for name, each in PRESETS.items())
    return (
        f"{preset.title}: {preset.help}\n\n" + "\n".join(rows) + f"{changed}\n\nPresets:\n{others}"
    )


def _preview(project: "Project", choice: AugmentationChoice, out: Path, *, seed: int) -> None:
    from kpstudio.training.preview import preview_views

    if seed < 0:
        raise UserProblem(f"The seed cannot be {seed}.", "Choose 0 or more.")
    dataset = project.dataset(annotated=True).labelled()
    if not dataset.images:
        raise UserProblem("No image of this project is labelled yet.", "Label a few images first.")
    views = preview_views(dataset, choice, count=_VIEWS, seed=seed)
    _write_sheet(views, out)
    say(f"Wrote {len(views)} samples as a training sees them to {out}")


def _write_sheet(views: "Sequence[View]", out: Path) -> None:
    import cv2

    from kpstudio.core.atomic_file import write_atomically

    height, width = views[0].pixels.shape[:2]
    rows = -(-len(views) // _COLUMNS)
    sheet = np.full((rows * (height + _GAP), _COLUMNS * (width + _GAP), 3), 255, np.uint8)
    for index, view in enumerate(views):
        row, column = divmod(index, _COLUMNS)
        drawn = view.pixels.copy()
        is_inside = ((view.xy > -1) & (view.xy < (width, height))).all(axis=1)
        for x, y in view.xy[is_inside]:
            place = (round(float(x)), round(float(y)))
            cv2.circle(drawn, place, 3, (0, 0, 0), -1, cv2.LINE_AA)
            cv2.circle(drawn, place, 2, (255, 220, 0), -1, cv2.LINE_AA)
        top, left = row * (height + _GAP), column * (width + _GAP)
        sheet[top : top + height, left : left + width] = drawn
    suffix = out.suffix.lower() or ".png"
    try:
        _, data = cv2.imencode(suffix, cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR))
    except cv2.error as error:
        raise UserProblem(
            f"A picture cannot be written as “{suffix}”.", "Call it NAME.png or NAME.jpg."
        ) from error
    write_atomically(out, data.tobytes())


AUGMENTATION = Command(
    "augmentation",
    "show or choose how far training samples may differ from what was labelled",
    augmentation,
    _add_arguments,
    has_json=True,
)

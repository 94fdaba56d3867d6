"""The checkpoint command and its verbs: models from elsewhere."""

import argparse
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from kpstudio.cli.command import Command
from kpstudio.cli.terminal import pixels, print_json, print_result, say
from kpstudio.core.errors import UserProblem

if TYPE_CHECKING:
    from kpstudio.decoders import HeadTraining
    from kpstudio.models.checkpoint import CheckpointInfo


def _add_arguments(command: argparse.ArgumentParser) -> None:
    verbs = command.add_subparsers(metavar="VERB", required=True)
    verb = verbs.add_parser("import", help="make a checkpoint of published weights or a program")
    verb.set_defaults(run=import_)
    verb.add_argument("file", metavar="FILE", help="weights, or a program")
    verb.add_argument("--network", required=True, metavar="NAME", help="or “program”")
    verb.add_argument("--keypoints", metavar="FILE", help="skeleton in JSON, in the model's order")
    verb.add_argument("--size", metavar="WxH", help="of the input; that of the publication")
    verb.add_argument("--description", metavar="FILE", help="of a program, in JSON; FILE.json")
    verb.add_argument("--out", metavar="FILE", help="FILE.kpstudio.safetensors")
    verb = verbs.add_parser("show", help="print what a checkpoint says of itself")
    verb.set_defaults(run=show)
    verb.add_argument("file", metavar="FILE")
    verb.add_argument("--json", action="store_true", help="answer in JSON")
    verb = verbs.add_parser("export", help="make a program for other software")
    verb.set_defaults(run=export)
    verb.add_argument("file", metavar="FILE")
    verb.add_argument("out", metavar="OUT", help="OUT.onnx, OUT.pt or OUT.pt2")
    verb = verbs.add_parser("use", help="add a checkpoint to a project, as its newest run")
    verb.set_defaults(run=use)
    verb.add_argument("project", metavar="PROJECT")
    verb.add_argument("file", metavar="FILE")


def import_(arguments: argparse.Namespace) -> int:
    """Make a checkpoint of published weights or of a program."""
    from kpstudio.core.skeleton import read_skeleton
    from kpstudio.models.checkpoint import write_checkpoint
    from kpstudio.models.foreign import PROGRAM, import_program, import_weights

    path = Path(arguments.file)
    out = Path(arguments.out) if arguments.out else path.with_suffix(".kpstudio.safetensors")
    if out.exists():
        raise UserProblem(f"{out} is there already.", "Choose another name with --out.")
    if arguments.network == PROGRAM:
        description = path.with_name(f"{path.name}.json")
        if arguments.description is not None:
            description = Path(arguments.description)
        elif not description.is_file():
            raise UserProblem(
                "A program does not say what it needs.",
                f"Describe it in {description.name}, or in another JSON: --description FILE.",
            )
        checkpoint = import_program(path, description)
    else:
        checkpoint = import_weights(
            path,
            arguments.network,
            skeleton=read_skeleton(Path(arguments.keypoints)) if arguments.keypoints else None,
            size=_size(arguments.size),
        )
    write_checkpoint(out, checkpoint)
    say(f"Made {out}: {checkpoint.info.network} with {len(checkpoint.info.skeleton)} keypoints.")
    print_result(str(out))
    return 0


def show(arguments: argparse.Namespace) -> int:
    """Print what a checkpoint says of itself."""
    from kpstudio.models.checkpoint import load_checkpoint

    checkpoint = load_checkpoint(Path(arguments.file))
    info = checkpoint.info
    parameters = sum(each.numel() for each in checkpoint.build().parameters())
    if arguments.json:
        print_json({"parameters": parameters, **_facts(info)})
        return 0
    print_result(f"{info.network}, {parameters:,} parameters, kpstudio {info.kpstudio_version}")
    for name, value in _facts(info).items():
        if name != "network":
            print_result(f"{name.replace('_', ' ')}: {value}")
    return 0


def _facts(info: "CheckpointInfo") -> dict[str, object]:
    width, height = info.framing.look_size
    median = info.metrics.get("median_px")
    return {
        "network": info.network,
        "input": f"{width} x {height} {info.look_format.channels}",
        "keypoints": ", ".join(info.skeleton.keypoints),
        "finds_subjects": "by itself" if info.can_find else "needs boxes, or takes whole images",
        "cell_mapping": info.cell_mapping,
        "head": _head(info.head_training),
        "decoder": info.best_decoder,
        "validation_error": f"{pixels(median)} px" if median is not None else "not known",
        "calibrated": "yes" if info.calibrations else "no",
    }


def _head(training: "HeadTraining") -> str:
    match training.loss:
        case "mse":
            return f"heatmap, sigma {training.sigma:g} cells"
        case "dsnt":
            return f"dsnt, temperature {training.temperature:g}"
        case "awr":
            return f"awr, kernel {training.kernel:g}"
        case "regression":
            return "regression" + (" with standard deviations" if training.has_spread else "")


def export(arguments: argparse.Namespace) -> int:
    """Write the network of a checkpoint as a program for other software."""
    from kpstudio.models.checkpoint import load_checkpoint
    from kpstudio.models.export import export_network

    out = Path(arguments.out)
    for path in (out, out.with_name(f"{out.name}.json")):
        if path.exists():
            raise UserProblem(f"{path} is there already.", "Choose another name.")
    exported = export_network(load_checkpoint(Path(arguments.file)), out)
    if exported.difference is None:
        say("It was not compared with the network: onnxruntime is not installed.")
    else:
        say(f"It differs from the network by {exported.difference:.1e} of the largest value.")
    say(f"What it takes and gives is in {exported.description}.")
    print_result(str(out))
    return 0


def use(arguments: argparse.Namespace) -> int:
    """Add a checkpoint to a project, as its newest run."""
    from kpstudio.models.checkpoint import load_checkpoint
    from kpstudio.store.project import Project
    from kpstudio.store.runs import checkpoint_path

    path = Path(arguments.file)
    with Project.open(Path(arguments.project)) as project:
        info = load_checkpoint(path, skeleton=project.skeleton).info
        run = project.runs.start(info.network, {"from": str(path)}, name=path.stem)
        message = ""
        try:
            shutil.copyfile(path, checkpoint_path(project.runs.folder, run.id))
        except OSError as error:
            message = f"The checkpoint cannot be copied ({error.strerror})."
        median = info.metrics.get("median_px")
        project.runs.finish(
            run.id, state="failed" if message else "finished", median_px=median, message=message
        )
    if message:
        raise UserProblem(message, "Free some space, or check who may write beside the project.")
    say(f"{path.name} is run {run.id} of {arguments.project} now.")
    return 0


def _size(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    width, _, height = text.lower().partition("x")
    if not (width.isdigit() and height.isdigit()):
        raise UserProblem(f"“{text}” is no size.", "Write it as WIDTHxHEIGHT, such as 192x256.")
    return int(width), int(height)


CHECKPOINT = Command("checkpoint", "models from elsewhere, and what they are", show, _add_arguments)

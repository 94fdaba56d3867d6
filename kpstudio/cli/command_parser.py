"""The commands with their arguments."""

import argparse
import math
from collections.abc import Callable

from kpstudio import __version__
from kpstudio.cli import (
    augmentation,
    check,
    checkpoints,
    decoders,
    doctor,
    effort,
    evaluation,
    evaluation_in_space,
    files,
    history,
    issues,
    learning,
    merging,
    predictions,
    proxy,
    review,
    runs,
    skeleton,
    split,
    tags,
)
from kpstudio.cli.window_request import WindowRequest
from kpstudio.core.augmentation import PRESETS
from kpstudio.core.messages import TrainingSettings

Command = Callable[[argparse.Namespace], int | WindowRequest]


def command_parser() -> argparse.ArgumentParser:
    """Of all commands; what it parses has the chosen `Command` as `run`."""
    parser = argparse.ArgumentParser(
        prog="kpstudio",
        usage="kpstudio [--screenshot OUT.png] [PROJECT]\n       kpstudio COMMAND ...",
        description="The keypoint labelling studio in which the model learns while you label. "
        "Without a command it opens the window.",
        epilog="kpstudio COMMAND --help explains a command.",
    )
    parser.add_argument("--version", action="version", version=f"kpstudio {__version__}")
    parser.add_argument(
        "--screenshot", metavar="OUT.png", help="save a picture of the window, and end"
    )
    commands = parser.add_subparsers(
        prog="kpstudio", title="commands", metavar="COMMAND", required=True
    )

    def add(name: str, run: Command, help: str, *, json: bool = False) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=help, description=f"{help[0].upper()}{help[1:]}.")
        command.set_defaults(run=run)
        if json:
            command.add_argument("--json", action="store_true", help="answer in JSON")
        return command

    _add_demo(add("demo", files.demo, "draw a sample project and open it"))
    command = add("new", files.new, "make an empty project")
    command.add_argument("project", metavar="PROJECT")
    source = command.add_mutually_exclusive_group(required=True)
    source.add_argument("--skeleton", metavar="FILE", help="JSON file or supplied name")
    source.add_argument("--labels", metavar="FILE", help="labels that name their keypoints")
    command = add("import", files.import_, "read images and labels into a project", json=True)
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
    command = add("proxy", proxy.proxy, "copy videos that are slow to look through", json=True)
    command.add_argument(
        "source",
        metavar="PROJECT|VIDEO",
        help="the copies lie beside the videos, as VIDEO.kpsproxy, and are read in their place",
    )
    command.add_argument("--check", action="store_true", help="copy nothing; say which are slow")
    command.add_argument(
        "--anyway", action="store_true", help="also videos that need none or have one"
    )
    _add_skeleton(
        add("skeleton", skeleton.skeleton, "show or change the keypoints of a project", json=True)
    )
    command = add("tag", tags.tag, "put tags on images", json=True)
    command.add_argument("project", metavar="PROJECT")
    command.add_argument("tag", nargs="?", metavar="TAG", help="without one all are listed")
    command.add_argument("images", nargs="*", metavar="PATTERN", help="file names, with * and ?")
    command.add_argument("--remove", action="store_true", help="take the tag from the images")
    command = add("review", review.review, "say how far the review of images is", json=True)
    command.add_argument("project", metavar="PROJECT")
    command.add_argument(
        "state",
        nargs="?",
        metavar="STATE",
        help=f"{', '.join(review.STATES)}; without one the images of each are counted",
    )
    command.add_argument("images", nargs="*", metavar="PATTERN", help="file names, with * and ?")
    _add_issue(add("issue", issues.show, "list and answer questions about images", json=True))
    command = add("merge", merging.merge, "bring in the labels of another copy", json=True)
    command.add_argument("project", metavar="PROJECT")
    command.add_argument("other", metavar="OTHER", help="the other copy; it stays as it is")
    command.add_argument(
        "--conflicts",
        choices=("both", "ours", "theirs"),
        help="what to keep where both were changed; both, and a tag, by default",
    )
    command.add_argument("--check", action="store_true", help="only say what would be done")
    command.add_argument(
        "--again", action="store_true", help="ask also about what was decided in earlier merges"
    )
    command = add("check", check.check, "say whether a project is whole, or repair it", json=True)
    command.add_argument("project", metavar="PROJECT")
    way = command.add_mutually_exclusive_group()
    way.add_argument("--repair", action="store_true", help="save what can be read of it")
    way.add_argument("--restore", metavar="BACKUP", help="put one of its backups in its place")
    _add_history(add("history", history.history, "list what was done, or go back", json=True))
    command = add("effort", effort.effort, "say what labelling has cost on this machine")
    command.add_argument("project", metavar="PROJECT")
    form = command.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="answer in JSON")
    form.add_argument("--csv", metavar="FILE", help="write a table with a row per annotation")
    _add_split(add("split", split.split, "divide images into train, val and test", json=True))
    _add_augmentation(
        add(
            "augmentation",
            augmentation.augmentation,
            "show or choose how far training samples may differ from what was labelled",
            json=True,
        )
    )
    _add_train(add("train", learning.train, "train a network on the labels", json=True))
    command = add("runs", runs.runs, "list the trainings of a project, or show one", json=True)
    command.add_argument("project", metavar="PROJECT")
    command.add_argument("run_id", nargs="?", type=int, metavar="RUN", help="its number")
    command = add("predict", predictions.predict, "predict all images", json=True)
    command.add_argument("project", metavar="PROJECT")
    command.add_argument("--run", type=int, dest="run_id", help="the newest by default")
    command.add_argument("--decoder", metavar="NAME", help="the run's best by default")
    _add_execution(command)
    _add_evaluate(
        add("evaluate", evaluation.evaluate, "compare predictions with labels", json=True)
    )
    _add_evaluate_3d(
        add(
            "evaluate-3d",
            evaluation_in_space.evaluate,
            "compare files of predictions and labels from depth images, in millimetres",
            json=True,
        )
    )
    _add_export(add("export", files.export, "write labels or predictions", json=True))
    _add_checkpoint(add("checkpoint", checkpoints.show, "models from elsewhere, and what they are"))
    _add_networks(add("networks", checkpoints.networks, "list the networks", json=True))
    _add_decoders(add("decoders", decoders.decoders, "list or measure the decoders", json=True))
    add("doctor", doctor.doctor, "say what is wrong with this machine, and the cure", json=True)
    return parser


def _add_demo(command: argparse.ArgumentParser) -> None:
    command.add_argument("--dir", default="kpstudio-demo", metavar="D", help="./kpstudio-demo")
    command.add_argument("--no-open", action="store_true", help="only write D/demo.kps")
    command.add_argument("--images", type=int, default=60, help=argparse.SUPPRESS)
    command.add_argument("--labelled", type=int, default=20, help=argparse.SUPPRESS)
    command.add_argument("--seed", type=int, default=0, help=argparse.SUPPRESS)


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


def _add_issue(command: argparse.ArgumentParser) -> None:
    command.add_argument("project", metavar="PROJECT")
    verbs = command.add_subparsers(metavar="VERB", title="verbs; list, if there is none")
    command.set_defaults(image=None, all=False)

    def add(name: str, run: Command, help: str) -> argparse.ArgumentParser:
        verb = verbs.add_parser(name, help=help, description=f"{help[0].upper()}{help[1:]}.")
        verb.set_defaults(run=run)
        # Not given here, it is what was given before the verb.
        verb.add_argument(
            "--json", action="store_true", default=argparse.SUPPRESS, help="answer in JSON"
        )
        return verb

    verb = add("list", issues.show, "list the open issues with their threads")
    verb.add_argument("--image", metavar="NAME", help="only of this image")
    verb.add_argument("--all", action="store_true", help="closed ones, too")
    verb = add("open", issues.open_, "ask something about an image")
    verb.add_argument("image", metavar="IMAGE", help="its name, or its whole path")
    verb.add_argument("text", metavar="TEXT")
    verb.add_argument("--at", metavar="X,Y", help="pin it to this place, in image pixels")
    verb = add("reply", issues.reply, "answer an issue")
    verb.add_argument("issue", type=int, metavar="ISSUE", help="its number")
    verb.add_argument("text", metavar="TEXT")
    for name, run, help in (
        ("close", issues.close, "settle an issue"),
        ("reopen", issues.reopen, "open an issue again"),
    ):
        verb = add(name, run, help)
        verb.add_argument("issue", type=int, metavar="ISSUE", help="its number")
        verb.add_argument("text", nargs="?", metavar="TEXT", help="a last word, if there is one")
    verb = add("remove", issues.remove, "forget an issue with its thread")
    verb.add_argument("issue", type=int, metavar="ISSUE", help="its number")


def _add_history(command: argparse.ArgumentParser) -> None:
    command.add_argument("project", metavar="PROJECT")
    command.add_argument("--last", type=int, default=50, metavar="N", help="so many; 50")
    command.add_argument("--all", action="store_true", help="all of it")
    command.add_argument(
        "--restore", type=int, metavar="ENTRY", help="make labels what they were after it; 0: none"
    )
    command.add_argument("--image", metavar="NAME", help="restore only this image")


def _add_skeleton(command: argparse.ArgumentParser) -> None:
    command.add_argument("project", metavar="PROJECT")
    command.add_argument(
        "--set",
        metavar="FILE",
        help="JSON file or supplied name; labels follow the names of their keypoints, and those of"
        " keypoints that are not in it are kept",
    )
    command.add_argument(
        "--rename",
        action="append",
        default=[],
        metavar="OLD=NEW",
        help="a keypoint that is the same under another name; may be repeated, and needs no --set",
    )


def _add_split(command: argparse.ArgumentParser) -> None:
    command.add_argument("project", metavar="PROJECT")
    what = command.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--val",
        type=float,
        metavar="FRACTION",
        help="of the labelled images, for validation",
    )
    what.add_argument(
        "--check",
        action="store_true",
        help="change nothing; say how it is divided, and which images of different parts are"
        " nearly the same",
    )
    command.add_argument(
        "--test", type=float, default=0.0, metavar="FRACTION", help="kept aside; none by default"
    )
    command.add_argument(
        "--group-by",
        metavar="RULE",
        help="what must stay in one part; the project keeps the rule: image (each by itself,"
        " as at first), folder, before:TEXT (what stands before the last TEXT in the file name)"
        " or name:REGEX (what its first group matches there)",
    )
    command.add_argument("--seed", type=int, default=0, help="decides what is drawn; %(default)s")
    command.add_argument(
        "--again",
        action="store_true",
        help="divide all images anew, also those that have a part; what was measured before"
        " cannot be compared with what comes after",
    )


def _add_augmentation(command: argparse.ArgumentParser) -> None:
    command.add_argument("project", metavar="PROJECT")
    command.add_argument("--preset", choices=tuple(PRESETS), help="forgets earlier changes")
    command.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="change one value"
    )
    command.add_argument("--preview", metavar="OUT.png", help="draw what a training sees")
    command.add_argument("--seed", type=int, default=0, help="of the preview")


def _add_train(command: argparse.ArgumentParser) -> None:
    defaults = TrainingSettings()
    command.add_argument("project", metavar="PROJECT")
    length = command.add_mutually_exclusive_group()
    length.add_argument("--minutes", type=float, default=defaults.minutes, help="%(default)s")
    length.add_argument("--steps", type=int, help="optimiser steps, instead of a time")
    command.add_argument(
        "--from",
        dest="from_run",
        metavar="RUN",
        help="begin with its weights; or a checkpoint file",
    )
    command.add_argument(
        "--network", metavar="NAME", help=f"that of RUN, or {defaults.network} by default"
    )
    command.add_argument(
        "--head",
        metavar="NAME",
        help=f"heatmap, dsnt, regression or awr; that of RUN, or {defaults.head} by default",
    )
    command.add_argument("--loss", metavar="NAME", help="of the head; its usual one by default")
    command.add_argument(
        "--resume",
        type=int,
        nargs="?",
        const=0,
        metavar="RUN",
        help="let a run that was broken off go on; the newest one by default",
    )
    command.add_argument(
        "--augmentation",
        choices=tuple(PRESETS),
        help="that of the project by default; see kpstudio augmentation",
    )
    command.add_argument(
        "--view",
        choices=("subject", "image"),
        default=defaults.view,
        help="find each subject and look at it, or look at whole images; %(default)s",
    )
    command.add_argument("--input-size", type=int, metavar="PX", help="by the labels")
    command.add_argument("--batch", type=int, metavar="N", help="4 on a processor, 32 on a GPU")
    command.add_argument("--optimizer", choices=("adamw", "adam"), default=defaults.optimizer)
    command.add_argument(
        "--learning-rate", type=float, default=1.0, metavar="F", help="factor on the usual ones"
    )
    command.add_argument(
        "--precision", default=defaults.precision, help="auto, float32, bfloat16 or float16"
    )
    command.add_argument(
        "--patience", type=int, metavar="N", help="stop after N validations without a better one"
    )
    command.add_argument(
        "--occluded-weight", type=float, default=1.0, metavar="F", help="in the loss; %(default)s"
    )
    command.add_argument(
        "--memory", type=float, default=defaults.memory_gb, metavar="GB", help="%(default)s"
    )
    command.add_argument(
        "--max-labels", type=int, metavar="N", help="learn from N images, chosen by the seed"
    )
    command.add_argument("--seed", type=int, default=defaults.seed)
    command.add_argument("--events", action="store_true", help="one JSON object a line")


def _add_execution(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--execution",
        default="float32",
        metavar="WAY",
        help="float32, bfloat16, float16, compiled, or auto for the fastest; %(default)s",
    )


def _add_evaluate(command: argparse.ArgumentParser) -> None:
    command.add_argument("project", metavar="PROJECT")
    command.add_argument("--run", type=int, dest="run_id", help="the newest by default")
    which = command.add_mutually_exclusive_group()
    which.add_argument("--decoder", action="append", metavar="NAME", help="the run's best")
    which.add_argument(
        "--all-decoders",
        action="store_true",
        help="which one is best; on val or test this is written into the run's checkpoint",
    )
    command.add_argument(
        "--no-mark", action="store_true", help="leave the checkpoint alone, whichever is best"
    )
    command.add_argument("--split", choices=("train", "val", "test", "all"), default="val")
    command.add_argument(
        "--reference",
        default="box",
        metavar="LENGTH",
        help="PCK and NME divide by it: box (its longer side), or keypoints A,B; %(default)s",
    )
    command.add_argument(
        "--flip-test",
        action="store_true",
        help="average what the network says of each crop and of its mirror image",
    )
    command.add_argument(
        "--crop-jitter",
        type=int,
        default=0,
        metavar="N",
        help="look at N crops a little beside each, and tell how far answers move",
    )
    command.add_argument(
        "--average-crops", action="store_true", help="the mean over those crops is the answer"
    )
    _add_execution(command)


def _add_evaluate_3d(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "labels", metavar="LABELS", help="text: a frame a line, u v d of each keypoint (px, mm)"
    )
    command.add_argument("predictions", metavar="PREDICTIONS", help="text of the same form")
    command.add_argument(
        "--camera", required=True, metavar="FX,FY,CX,CY", help="focal lengths and centre in pixels"
    )


def _add_checkpoint(command: argparse.ArgumentParser) -> None:
    verbs = command.add_subparsers(metavar="VERB", required=True)
    verb = verbs.add_parser("import", help="make a checkpoint of published weights or a program")
    verb.set_defaults(run=checkpoints.import_)
    verb.add_argument("file", metavar="FILE", help="weights, or a program")
    verb.add_argument("--network", required=True, metavar="NAME", help="or “program”")
    verb.add_argument("--keypoints", metavar="FILE", help="skeleton in JSON, in the model's order")
    verb.add_argument("--size", metavar="WxH", help="of the input; that of the publication")
    verb.add_argument("--description", metavar="FILE", help="of a program, in JSON; FILE.json")
    verb.add_argument("--out", metavar="FILE", help="FILE.kpstudio.safetensors")
    verb = verbs.add_parser("show", help="print what a checkpoint says of itself")
    verb.set_defaults(run=checkpoints.show)
    verb.add_argument("file", metavar="FILE")
    verb.add_argument("--json", action="store_true", help="answer in JSON")
    verb = verbs.add_parser("export", help="make a program for other software")
    verb.set_defaults(run=checkpoints.export)
    verb.add_argument("file", metavar="FILE")
    verb.add_argument("out", metavar="OUT", help="OUT.onnx, OUT.pt or OUT.pt2")
    verb = verbs.add_parser("use", help="add a checkpoint to a project, as its newest run")
    verb.set_defaults(run=checkpoints.use)
    verb.add_argument("project", metavar="PROJECT")
    verb.add_argument("file", metavar="FILE")


def _add_networks(command: argparse.ArgumentParser) -> None:
    command.add_argument("--network", action="append", metavar="NAME", help="all by default")
    command.add_argument("--times", action="store_true", help="measure them on this machine")


def _add_decoders(command: argparse.ArgumentParser) -> None:
    command.add_argument("--report", action="store_true", help="errors on drawn heatmaps, in cells")
    command.add_argument(
        "--maps", type=int, default=2000, metavar="N", help="per kind; %(default)s"
    )
    command.add_argument("--seed", type=int, default=0)


def _add_export(command: argparse.ArgumentParser) -> None:
    command.add_argument("project", metavar="PROJECT")
    command.add_argument("out", metavar="OUT")
    command.add_argument("--format", required=True, metavar="NAME", help="such as coco")
    command.add_argument("--what", choices=("labels", "predictions"), default="labels")
    command.add_argument("--run", type=int, dest="run_id", help="of the predictions")
    command.add_argument("--split", choices=("train", "val", "test"), help="only these images")
    command.add_argument(
        "--review", choices=("ready", "accepted", "rejected"), help="only images in this state"
    )
    command.add_argument("--tag", metavar="NAME", help="only images with this tag")
    command.add_argument("--author", metavar="NAME", help="only annotations by this person")
    command.add_argument("--images", metavar="PATTERN", help="only files of such names: 'night_*'")
    placing = command.add_mutually_exclusive_group()
    placing.add_argument("--copy-images", metavar="FOLDER", help="and let the labels name these")
    placing.add_argument(
        "--link-images", metavar="FOLDER", help="the same without taking space: links"
    )
    command.add_argument(
        "--crop",
        type=float,
        nargs="?",
        const=0.25,
        metavar="MARGIN",
        help="cut out each subject, with a margin as a share of its size (%(const)s), into the"
        " folder of --copy-images",
    )
    command.add_argument(
        "--card",
        nargs="?",
        const="",
        metavar="FILE",
        help="describe the dataset in Markdown; OUT.md by default",
    )

"""The runs command."""

import argparse
import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from kpstudio.cli.command import Command
from kpstudio.cli.terminal import pixels, print_json, print_result, say, table

if TYPE_CHECKING:
    from kpstudio.core.run_metrics import RunMetrics
    from kpstudio.store.project import Project
    from kpstudio.store.run_metrics import RunProgress
    from kpstudio.store.runs import Run, RunKeypoint

_MOST_VALIDATIONS = 24


def _add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("project", metavar="PROJECT")
    command.add_argument("run_id", nargs="?", type=int, metavar="RUN", help="its number")


def runs(arguments: argparse.Namespace) -> int:
    """List the trainings of a project, or show how one of them went."""
    from kpstudio.store.project import Project

    with Project.open(Path(arguments.project), read_only=True, notify=say) as project:
        if arguments.run_id is None:
            found = [_fields(run, progress) for run, progress in _with_progress(project)]
            text = _list(found)
        else:
            run, progress = _with_progress(project, arguments.run_id)[0]
            keypoints = project.runs.keypoints(run.id)
            metrics = project.runs.metrics(run.id)
            one = _fields(run, progress) | {
                "checkpoint": str(run.checkpoint) if run.has_checkpoint else None,
                "settings": run.settings,
                "keypoints": keypoints,
                "metrics": metrics.curves,
            }
            text = _one(one, run.settings, keypoints, metrics)
    if arguments.json:
        print_json(found if arguments.run_id is None else one)
    else:
        print_result(text)
    return 0


def _with_progress(
    project: "Project", run_id: int | None = None
) -> "list[tuple[Run, RunProgress]]":
    from kpstudio.store.run_metrics import RunProgress

    chosen = project.runs.all() if run_id is None else (project.runs.one(run_id),)
    progress = project.runs.progress()
    return [(run, progress.get(run.id, RunProgress())) for run in chosen]


def _fields(run: "Run", progress: "RunProgress") -> dict[str, Any]:
    """What the list says of a run; while it trains, by its figures."""
    return {
        "run": run.id,
        "name": run.name,
        "state": run.state,
        "network": run.network,
        "started": run.started,
        "steps": max(run.steps, progress.steps),
        "median_px": progress.median_px if run.state == "running" else run.median_px,
        "elapsed_s": progress.elapsed_s,
        "has_checkpoint": run.has_checkpoint,
        "can_go_on": run.can_go_on,
        "message": run.message,
    }


def _list(found: list[dict[str, Any]]) -> str:
    if not found:
        return "Nothing has been trained yet."
    header = ["run", "name", "state", "network", "steps", "median px", "time", "started"]
    rows = [
        [
            str(each["run"]),
            each["name"],
            each["state"],
            each["network"],
            str(each["steps"]),
            pixels(each["median_px"]),
            _duration(each["elapsed_s"]),
            _moment(each["started"]),
        ]
        for each in found
    ]
    return table(header, rows)


def _one(
    fields: Mapping[str, Any],
    settings: Mapping[str, Any],
    keypoints: "tuple[RunKeypoint, ...] | None",
    metrics: "RunMetrics",
) -> str:
    head = [
        ["started", _moment(fields["started"])],
        ["state", fields["state"] + (", can go on (--resume)" if fields["can_go_on"] else "")],
        ["network", fields["network"]],
        ["steps", str(fields["steps"])],
        ["median px", pixels(fields["median_px"])],
        ["time", _duration(fields["elapsed_s"])],
        ["checkpoint", fields["checkpoint"] or "none"],
    ]
    if fields["message"]:
        head.append(["message", fields["message"]])
    if keypoints is not None:
        names = [
            f"{each.name} (removed since)" if each.is_removed else each.name for each in keypoints
        ]
        head.append(["keypoints", ", ".join(names)])
    parts = [f"Run {fields['run']}, “{fields['name']}”", _pairs(head)]
    said = [[name, _word(value)] for name, value in settings.items() if value not in (None, "")]
    if said:
        parts.append("Settings:\n" + _pairs(said))
    parts.append(_curves(metrics))
    return "\n\n".join(parts)


def _curves(metrics: "RunMetrics") -> str:
    """The validations, and what the loss was by then."""
    if not metrics.curves:
        return "Its curves were not stored."
    curves = {name: dict(points) for name, points in metrics.curves.items()}
    at = sorted(curves.get("median_px", {}))
    losses = metrics.losses
    if not at:
        at = [losses[-1][0]] if losses else []
    left = max(len(at) - _MOST_VALIDATIONS, 0)
    rows = []
    for step in at[left:]:
        before = [loss for known, loss in losses if known <= step]
        rows.append(
            [
                str(step),
                _duration(curves.get("elapsed_s", {}).get(step)),
                f"{before[-1]:.4g}" if before else "-",
                pixels(curves.get("median_px", {}).get(step)),
                pixels(curves.get("mean_px", {}).get(step)),
                "best so far" if curves.get("is_best", {}).get(step) else "",
            ]
        )
    text = table(["step", "time", "loss", "median px", "mean px", ""], rows)
    points = f"The loss is known at {len(losses)} steps; --json has all figures."
    older = f"… {left} older ones\n" if left else ""
    return f"{older}{text}\n\n{points}"


def _pairs(rows: list[list[str]]) -> str:
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"  {name.ljust(width)}  {value}" for name, value in rows)


def _word(value: Any) -> str:
    """A setting as a person reads it."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _moment(time: float) -> str:
    return f"{datetime.datetime.fromtimestamp(time).astimezone():%Y-%m-%d %H:%M}"


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.1f} min"


RUNS = Command(
    "runs", "list the trainings of a project, or show one", runs, _add_arguments, has_json=True
)

"""The proxy command: copies of videos that are quick to jump in."""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kpstudio.cli.command import Command
from kpstudio.cli.terminal import ProgressLine, print_json, print_problem, print_result, say
from kpstudio.core.errors import UserProblem
from kpstudio.imaging.video_index import VIDEO_SUFFIXES

_ANIMATION = ".gif"
_QUIET_S = 0.5


def _add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "source",
        metavar="PROJECT|VIDEO",
        help="the copies lie beside the videos, as VIDEO.kpsproxy, and are read in their place",
    )
    command.add_argument("--check", action="store_true", help="copy nothing; say which are slow")
    command.add_argument(
        "--anyway", action="store_true", help="also videos that need none or have one"
    )


def proxy(arguments: argparse.Namespace) -> int:
    """Copy the videos that are slow to jump in, or only say which ones are."""
    results = []
    for path in _videos(Path(arguments.source)):
        try:
            result = _copied(path, anyway=arguments.anyway, only_looks=arguments.check)
        except UserProblem as problem:
            if not arguments.json:
                print_problem(problem)
            result = {"state": "failed", "problem": problem.message, "hint": problem.hint}
        results.append({"video": str(path), **result})
        if not arguments.json and result["state"] != "failed":
            print_result(_sentence(path, result))
    if arguments.json:
        print_json(results)
    return 1 if any(each["state"] == "failed" for each in results) else 0


def _videos(source: Path) -> Sequence[Path]:
    """The video, or those of which frames are in a project."""
    from kpstudio.store.project import Project

    if source.suffix.lower() in (*VIDEO_SUFFIXES, _ANIMATION):
        return [source]
    with Project.open(source, read_only=True, notify=say) as project:
        videos = [image.path for image in project.images() if image.frame is not None]
    if not videos:
        raise UserProblem(
            f"No frame of a video is in {source.name}.",
            "Name a video, or a project into which one was imported.",
        )
    return list(dict.fromkeys(videos))


def _copied(path: Path, *, anyway: bool, only_looks: bool) -> dict[str, Any]:
    from kpstudio.imaging.open_videos import VIDEOS
    from kpstudio.imaging.proxy_writer import write_proxy

    video = VIDEOS.video(path)
    if video.proxy is not None and not (anyway and not only_looks):
        return {"state": "there", "proxy": str(video.proxy.path), "frames": video.count}
    found = {"longest_way": video.longest_way, "can_jump": video.can_jump}
    if not video.is_slow and (only_looks or not anyway):
        return {"state": "not needed", **found}
    if only_looks:
        return {"state": "slow", **found}
    line, start = ProgressLine(), time.monotonic()

    def show(done: int, total: int) -> None:
        if time.monotonic() > start + _QUIET_S:
            line.show(f"{path.name}: {done} of {total} frames")

    try:
        made = write_proxy(path, report=show)
    except KeyboardInterrupt:
        line.clear()
        say(f"{path.name}: stopped, and nothing was written.")
        raise
    finally:
        line.clear()
    size = made.path.stat().st_size
    return {"state": "made", "proxy": str(made.path), "frames": len(made.index), "bytes": size}


def _sentence(path: Path, result: dict[str, Any]) -> str:
    match result["state"]:
        case "there":
            return f"{path.name}: its copy {Path(result['proxy']).name} is there already."
        case "made":
            size = f"{result['bytes'] / 1e6:,.1f} MB"
            return f"Wrote {result['proxy']}: {result['frames']} frames, {size}"
        case "slow" if result["can_jump"]:
            return f"{path.name}: slow; a jump decodes up to {result['longest_way']} frames."
        case "slow":
            return f"{path.name}: slow; every frame is counted from the beginning."
    return f"{path.name}: needs no copy; a jump decodes at most {result['longest_way']} frames."


PROXY = Command(
    "proxy", "copy videos that are slow to look through", proxy, _add_arguments, has_json=True
)

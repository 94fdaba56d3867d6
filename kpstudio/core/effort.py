"""What labelling costs: seconds, clicks and keys of each annotation, kept on this machine only."""

import csv
import hashlib
import io
import statistics
from collections import Counter
from pathlib import Path

import msgspec

from kpstudio.core.atomic_file import write_atomically
from kpstudio.core.errors import UserProblem
from kpstudio.core.places import config_folder


class SubjectEffort(msgspec.Struct):
    """What one annotation has cost so far.

    Args:
        seconds: Of work, without pauses.
        clicks: Of mouse buttons.
        keys: That were pressed.
        edits: Changes of it.
        is_accepted: It began as a prediction that was accepted.
        corrections: How often each keypoint was moved after it had been placed, by its name.
    """

    seconds: float = 0.0
    clicks: float = 0.0
    keys: float = 0.0
    edits: int = 0
    is_accepted: bool = False
    corrections: dict[str, int] = {}


class EffortSummary(msgspec.Struct, frozen=True):
    """What the annotations of a project have cost.

    Args:
        annotations: How many were worked on.
        seconds: Of work in all.
        seconds_each: Median of an annotation.
        clicks_each: Mean of an annotation.
        keys_each: Mean of an annotation.
        accepted: How many began as a prediction that was accepted.
        accepted_unchanged: Share of these that nobody has changed since; None where there is none.
        corrections: By name of the keypoint, the most corrected first.
    """

    annotations: int
    seconds: float
    seconds_each: float
    clicks_each: float
    keys_each: float
    accepted: int
    accepted_unchanged: float | None
    corrections: dict[str, int]


class EffortLog(msgspec.Struct):
    """The work on one project, by the id of the annotation."""

    subjects: dict[str, SubjectEffort] = {}

    def summary(self) -> EffortSummary:
        """All of it in a few numbers."""
        all_of_them = list(self.subjects.values())
        count = len(all_of_them)
        accepted = [each for each in all_of_them if each.is_accepted]
        unchanged = sum(each.edits == 1 for each in accepted)
        corrections: Counter[str] = Counter()
        for each in all_of_them:
            corrections.update(each.corrections)
        return EffortSummary(
            annotations=count,
            seconds=sum(each.seconds for each in all_of_them),
            seconds_each=statistics.median(each.seconds for each in all_of_them) if count else 0.0,
            clicks_each=sum(each.clicks for each in all_of_them) / count if count else 0.0,
            keys_each=sum(each.keys for each in all_of_them) / count if count else 0.0,
            accepted=len(accepted),
            accepted_unchanged=unchanged / len(accepted) if accepted else None,
            corrections=dict(corrections.most_common()),
        )

    def write(self, path: Path) -> None:
        """Write a table where the name ends in .csv, else JSON with the summary.

        Raises:
            UserProblem: It cannot be written.
        """
        if path.suffix.lower() == ".csv":
            self.write_table(path)
        else:
            whole = msgspec.json.encode(self.whole())
            write_atomically(path, msgspec.json.format(whole, indent=2))

    def write_table(self, path: Path) -> None:
        """Write a table with a row per annotation, whatever the file is called.

        Raises:
            UserProblem: It cannot be written.
        """
        write_atomically(path, self._table().encode())

    def whole(self) -> dict[str, object]:
        """The summary, and every annotation by its id, for a program."""
        return {"summary": self.summary(), "annotations": self.subjects}

    def _table(self) -> str:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(
            ["annotation", "seconds", "clicks", "keys", "edits", "accepted", "corrections"]
        )
        for name, each in self.subjects.items():
            writer.writerow(
                [
                    name,
                    f"{each.seconds:.2f}",
                    f"{each.clicks:g}",
                    f"{each.keys:g}",
                    each.edits,
                    int(each.is_accepted),
                    sum(each.corrections.values()),
                ]
            )
        return text.getvalue()


def effort_path(project: Path) -> Path:
    """Where the work on a project is kept: beside the preferences, never in the project."""
    name = hashlib.sha256(str(project.resolve()).encode()).hexdigest()[:24]
    return config_folder() / "effort" / f"{name}.json"


def read_effort(project: Path) -> EffortLog:
    """What was kept of the work on a project; nothing where nothing was.

    Raises:
        UserProblem: The file cannot be read, or is damaged.
    """
    path = effort_path(project)
    try:
        return msgspec.json.decode(path.read_bytes(), type=EffortLog)
    except FileNotFoundError:
        return EffortLog()
    except (OSError, msgspec.DecodeError) as error:
        raise UserProblem(
            f"The record of the work in {path} cannot be read: {error}.",
            "Labels are not affected. Delete the file to begin a new record.",
        ) from error


def keep_effort(project: Path, log: EffortLog) -> None:
    """Keep the work on a project.

    Raises:
        UserProblem: It cannot be written.
    """
    path = effort_path(project)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserProblem(
            f"The folder {path.parent} cannot be made: {error.strerror}.",
            "Check that it may be written, or set KPSTUDIO_HOME.",
        ) from error
    write_atomically(path, msgspec.json.encode(log))

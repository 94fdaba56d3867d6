"""Runs: one training each, with its checkpoint in a folder beside the project."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection, Row, insert, select, update

from kpstudio.core.errors import UserProblem
from kpstudio.core.run_files import CHECKPOINT_NAME, LAST_NAME, can_go_on_from
from kpstudio.core.run_metrics import Place, RunMetrics
from kpstudio.store.database import Database
from kpstudio.store.run_metrics import (
    RunProgress,
    read_metrics,
    read_progress,
    write_metrics,
)
from kpstudio.store.skeletons import StoredSkeleton
from kpstudio.store.tables import keypoints, runs

RunState = Literal["running", "finished", "stopped", "failed", "interrupted"]


@dataclass(frozen=True)
class Run:
    """One training.

    Args:
        id: Its number in the project, from 1.
        name: As the lists show it.
        network: Name in the registry of networks.
        started: Seconds since 1970 (UTC).
        state: "interrupted" is a run whose studio ended before it could say how it went.
        folder: Where its files are.
        checkpoint: Where its checkpoint is, or will be while it runs; None if it left none.
        median_px: Validation error in image pixels of the checkpoint.
        steps: Optimiser steps done.
        settings: What it was started with.
        message: Why it failed, or what there is to know.
    """

    id: int
    name: str
    network: str
    started: float
    state: RunState
    folder: Path
    checkpoint: Path | None
    median_px: float | None
    steps: int
    settings: Mapping[str, Any]
    message: str

    @property
    def has_checkpoint(self) -> bool:
        """There is something to predict with; also while it runs, from the first validation on."""
        return self.checkpoint is not None and self.checkpoint.is_file()

    @property
    def can_go_on(self) -> bool:
        """It was broken off, and left the state that it was in."""
        is_broken_off = self.state in ("stopped", "failed", "interrupted")
        return is_broken_off and can_go_on_from(self.folder / LAST_NAME)


@dataclass(frozen=True)
class RunKeypoint:
    """A keypoint that a run answers for.

    Args:
        id: In the project, whatever it is called.
        name: That it has now, or had last.
        is_removed: The project has it no more.
    """

    id: int
    name: str
    is_removed: bool


def checkpoint_path(runs_folder: Path, run_id: int) -> Path:
    return runs_folder / str(run_id) / CHECKPOINT_NAME


class Runs:
    """The trainings of a project, with their folder beside it.

    Args:
        database: The project file.
        skeleton: Answers what its keypoints are now.
    """

    def __init__(self, database: Database, skeleton: Callable[[], StoredSkeleton]) -> None:
        self._database = database
        self._skeleton = skeleton
        self.folder = database.path.with_name(f"{database.path.stem}.runs")

    def start(
        self,
        network: str,
        settings: Mapping[str, Any] | msgspec.Struct,
        *,
        name: str | None = None,
    ) -> Run:
        """Number a new run, make its folder, and say where its checkpoint shall be."""
        with self._database.writing("The new run was") as connection:
            run_id = _add(
                connection,
                self.folder,
                network=network,
                settings=settings,
                keypoint_ids=self._skeleton().keypoint_ids,
                name=name,
            )
        return self.one(run_id)

    def go_on(self, run_id: int) -> Run:
        """Let a run that was broken off go on.

        Raises:
            UserProblem: There is none with that number, or it left nothing to go on from.
        """
        run = self.one(run_id)
        if not run.can_go_on:
            raise UserProblem(
                f"Run {run.id} left nothing from which it could go on.",
                "Only a run that was stopped or broken off can; --from starts a new one from its "
                "best.",
            )
        with self._database.writing("The run was") as connection:
            values = {"state": "running", "message": ""}
            connection.execute(update(runs).where(runs.c.id == run_id).values(values))
        return self.one(run_id)

    def finish(
        self,
        run_id: int,
        *,
        state: RunState,
        median_px: float | None = None,
        steps: int = 0,
        message: str = "",
    ) -> Run:
        """Say how a run ended. Whether it left a checkpoint is seen in its folder."""
        with self._database.writing("The end of the run was") as connection:
            _read(connection, self.folder, run_id)
            _end(
                connection,
                run_id,
                state=state,
                median_px=median_px,
                steps=steps,
                message=message,
            )
        return self.one(run_id)

    def all(self) -> tuple[Run, ...]:
        """All runs, oldest first."""
        with self._database.reading() as connection:
            rows = connection.execute(select(runs).order_by(runs.c.id))
            return tuple(_run(row, self.folder) for row in rows)

    def one(self, run_id: int) -> Run:
        """One run.

        Raises:
            UserProblem: There is none with that number.
        """
        with self._database.reading() as connection:
            return _read(connection, self.folder, run_id)

    def keypoints(self, run_id: int) -> tuple[RunKeypoint, ...] | None:
        """What a run answers for, by the names of now; None where an older version did not say."""
        with self._database.reading() as connection:
            ids = keypoint_ids_of(connection, run_id)
            if ids is None:
                return None
            rows = connection.execute(
                select(keypoints.c.id, keypoints.c.name, keypoints.c.position)
            )
            known = {row.id: RunKeypoint(row.id, row.name, row.position is None) for row in rows}
        return tuple(known[each] for each in ids)

    def metrics(self, run_id: int) -> RunMetrics:
        """The curves of a run."""
        with self._database.reading() as connection:
            return read_metrics(connection, run_id)

    def progress(self) -> dict[int, RunProgress]:
        """How far each run came by its figures, by its number; not for runs without any."""
        with self._database.reading() as connection:
            return read_progress(connection)

    def put_metrics(
        self,
        run_id: int,
        new: Mapping[Place, float | None],
        gone: frozenset[Place] = frozenset(),
        *,
        waits: bool = True,
    ) -> None:
        """Put figures of a run in their places, steps and names, and take others away.

        Args:
            run_id: Of the run.
            new: By place.
            gone: Places to be empty from now on.
            waits: For another thread that is writing, instead of giving up at once.

        Raises:
            UserProblem: It could not be stored; then nothing changed.
        """
        with self._database.writing("The curves of the run were", waits=waits) as connection:
            write_metrics(connection, run_id, new, gone)

    def newest(self) -> Run | None:
        """The newest run that has a checkpoint."""
        return next((run for run in reversed(self.all()) if run.has_checkpoint), None)

    def adopt(self) -> None:
        """End the runs whose studio is gone: nobody else can have the project open for writing."""
        left = [run for run in self.all() if run.state == "running"]
        if not left:
            return
        with self._database.writing("The end of a run was") as connection:
            progress = read_progress(connection)
            for run in left:
                came = progress.get(run.id, RunProgress())
                last = run.folder / LAST_NAME
                has_finished = last.is_file() and not can_go_on_from(last)
                broken_off: RunState = "stopped" if run.has_checkpoint else "interrupted"
                _end(
                    connection,
                    run.id,
                    state="finished" if has_finished else broken_off,
                    median_px=run.median_px if came.median_px is None else came.median_px,
                    steps=max(run.steps, came.steps),
                    message="" if has_finished else "The studio ended while this run was training.",
                )


def _add(
    connection: Connection,
    runs_folder: Path,
    *,
    network: str,
    settings: Mapping[str, Any] | msgspec.Struct,
    keypoint_ids: Sequence[int],
    name: str | None,
) -> int:
    row = {
        "name": name or "",
        "network": network,
        "started": time.time(),
        "state": "running",
        "median_px": None,
        "steps": 0,
        "settings": msgspec.json.encode(settings).decode(),
        "message": "",
        "keypoints": msgspec.json.encode(keypoint_ids).decode(),
    }
    inserted = connection.execute(insert(runs), row).inserted_primary_key
    assert inserted is not None
    run_id = int(inserted[0])
    if name is None:
        connection.execute(update(runs).where(runs.c.id == run_id).values(name=f"Run {run_id}"))
    folder = checkpoint_path(runs_folder, run_id).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserProblem(
            f"The folder {folder} for the run cannot be made ({error.strerror}).",
            "Free some space, or check who may write beside the project.",
        ) from error
    return run_id


def keypoint_ids_of(connection: Connection, run_id: int) -> list[int] | None:
    """Of the keypoints that its predictions have; None where an older version did not say."""
    written = connection.execute(select(runs.c.keypoints).where(runs.c.id == run_id)).scalar()
    return msgspec.json.decode(written, type=list[int]) if written else None


def _end(
    connection: Connection,
    run_id: int,
    *,
    state: RunState,
    median_px: float | None,
    steps: int,
    message: str,
) -> None:
    values = {"state": state, "median_px": median_px, "steps": steps, "message": message}
    connection.execute(update(runs).where(runs.c.id == run_id).values(values))


def _read(connection: Connection, runs_folder: Path, run_id: int) -> Run:
    row = connection.execute(select(runs).where(runs.c.id == run_id)).one_or_none()
    if row is None:
        known = connection.execute(select(runs.c.id).order_by(runs.c.id)).scalars().all()
        raise UserProblem(
            f"The project has no run {run_id}.",
            f"It has: {', '.join(map(str, known))}." if known else "Train first.",
        )
    return _run(row, runs_folder)


def _run(row: Row[Any], runs_folder: Path) -> Run:
    checkpoint: Path | None = checkpoint_path(runs_folder, row.id)
    if row.state != "running" and not (checkpoint and checkpoint.is_file()):
        checkpoint = None
    return Run(
        id=row.id,
        name=row.name,
        network=row.network,
        started=row.started,
        state=row.state,
        folder=checkpoint_path(runs_folder, row.id).parent,
        checkpoint=checkpoint,
        median_px=row.median_px,
        steps=row.steps,
        settings=msgspec.json.decode(row.settings),
        message=row.message,
    )

"""The engine as the studio sees it: a child process that speaks in frames."""

import logging
import os
import sys

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, Signal

from kpstudio.core.errors import UserProblem
from kpstudio.core.messages import FrameReader, Message, Reply, to_frame

log = logging.getLogger(__name__)


def engine_command() -> list[str]:
    """How the engine is started: the command in KPSTUDIO_ENGINE (ssh to a server, say), or ours."""
    return os.environ.get("KPSTUDIO_ENGINE", "").split() or [
        sys.executable,
        "-m",
        "kpstudio.engine",
    ]


class EngineProcess(QObject):
    """One engine process.

    Signals:
        received(reply): A message from the engine.
        ended(reason): It has ended; the reason is empty when it was asked to.
    """

    received = Signal(object)
    ended = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process = QProcess(self)
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.readyReadStandardError.connect(self._log)
        self._process.finished.connect(self._finish)
        self._process.errorOccurred.connect(self._fail)
        self._reader: FrameReader[Reply] = FrameReader(Reply)
        self._asked_to_end = self._starts_again = False

    @property
    def is_running(self) -> bool:
        return self._process.state() != QProcess.ProcessState.NotRunning

    @property
    def pid(self) -> int:
        return int(self._process.processId())

    def start(self) -> None:
        """Start it; its Hello follows. One that is about to end is waited for."""
        if self.is_running:
            self._starts_again = self._asked_to_end
            return
        self._reader = FrameReader(Reply)
        self._asked_to_end = self._starts_again = False
        environment = QProcessEnvironment.systemEnvironment()
        # Threads of torch that spin while they wait would steal a core from the canvas.
        environment.insert("OMP_WAIT_POLICY", "PASSIVE")
        self._process.setProcessEnvironment(environment)
        program, *arguments = engine_command()
        self._process.start(program, arguments)

    def send(self, request: Message) -> None:
        if self.is_running:
            self._process.write(to_frame(request))

    def close(self) -> None:
        """Ask it to stop, save and exit: end of its input."""
        self._asked_to_end, self._starts_again = True, False
        self._process.closeWriteChannel()

    def wait(self, timeout_s: float) -> None:
        """Wait for its end after `close`; then end it, whatever it does."""
        if self.is_running and not self._process.waitForFinished(round(timeout_s * 1000)):
            self._process.kill()
            self._process.waitForFinished(3000)

    def _read(self) -> None:
        data = self._process.readAllStandardOutput().data()
        try:
            for reply in self._reader.feed(bytes(data)):
                self.received.emit(reply)
        except UserProblem as problem:
            log.error("engine: %s", problem)
            self._asked_to_end = True
            self._process.kill()
            self.ended.emit(str(problem))

    def _log(self) -> None:
        text = bytes(self._process.readAllStandardError().data()).decode(errors="replace").rstrip()
        if text:
            log.info("engine %d: %s", self.pid, text)

    def _finish(self, code: int, status: QProcess.ExitStatus) -> None:
        self._read()
        if self._starts_again:
            self.start()
        elif self._asked_to_end:
            self.ended.emit("")
        elif status == QProcess.ExitStatus.CrashExit:
            self.ended.emit(self.tr("it was killed (signal {0})").format(code))
        else:
            self.ended.emit(self.tr("it ended with exit code {0}").format(code))

    def _fail(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self.ended.emit(
                self.tr("it cannot be started: {0}").format(self._process.errorString())
            )

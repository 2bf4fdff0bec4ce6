"""Several processes of one kind under one parent: started, replaced when they end, stopped together. For `serve`.

The parent is light and does nothing else, so that it outlives what it looks after.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable

import structlog

from leadline.cli.terminal import complain
from leadline.errors import LeadlineError

WRONG_SETTINGS = 78  # exit code (EX_CONFIG): starting again would not help
LATEST = 30.0  # seconds between two starts at most
LIVED = 60.0  # seconds after which a process counts as one that works
GRACE = 30.0  # seconds that processes have to end after the signal
AWAITED = {signal.SIGTERM, signal.SIGINT, signal.SIGCHLD}
log = structlog.get_logger(__name__)


class Processes:
    """`count` processes that each call `live` with their number, from 0 on."""

    def __init__(self, count: int, live: Callable[[int], None]) -> None:
        self._live = live
        self._due = dict.fromkeys(range(count), 0.0)  # when each is to be started
        self._pause = dict.fromkeys(range(count), 0.5)
        self._running: dict[int, tuple[int, float]] = {}  # pid: its number, and since when
        self._held, self._end = os.pipe()  # children read the one; it ends with the parent

    def run(self) -> int:
        """Until a signal stops all of them, or one says that the settings are wrong; returns the exit code."""
        signal.pthread_sigmask(signal.SIG_BLOCK, AWAITED)
        code: int | None = None
        while code is None:
            self._start_due()
            wait = min((due - time.monotonic() for due in self._due.values()), default=3600.0)
            received = signal.sigtimedwait(AWAITED, max(0.0, wait))
            if received is not None and received.si_signo != signal.SIGCHLD:
                code = 0
            elif self._reap():
                code = 1
        self._stop()
        return code

    def _start_due(self) -> None:
        for number, due in list(self._due.items()):
            if due <= time.monotonic():
                del self._due[number]
                self._start(number)

    def _start(self, number: int) -> None:
        pid = os.fork()
        if pid == 0:
            os.close(self._end)
            _born(self._held, lambda: self._live(number))
        self._running[pid] = (number, time.monotonic())

    def _reap(self) -> bool:
        """Plan the successors of processes that ended; whether one ended because of its settings."""
        wrong = False
        for pid, status in _ended():
            number, since = self._running.pop(pid)
            code, lived = os.waitstatus_to_exitcode(status), time.monotonic() - since
            wrong = wrong or (code == WRONG_SETTINGS and lived < LIVED)
            self._pause[number] = 0.5 if lived > LIVED else min(LATEST, self._pause[number] * 2)
            self._due[number] = time.monotonic() + self._pause[number]
            log.error("process_ended", number=number, code=code, again_in=self._pause[number])
        return wrong

    def _stop(self) -> None:
        for pid in self._running:
            os.kill(pid, signal.SIGTERM)
        end = time.monotonic() + GRACE
        while self._running and time.monotonic() < end:
            signal.sigtimedwait({signal.SIGCHLD}, 0.5)
            for pid, _ in _ended():
                del self._running[pid]
        for pid in self._running:
            os.kill(pid, signal.SIGKILL)


def _ended() -> list[tuple[int, int]]:
    """Pid and status of every child that ended since the last call."""
    found: list[tuple[int, int]] = []
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if pid == 0:
            return found
        found.append((pid, status))


def _born(held: int, live: Callable[[], None]) -> None:
    """What a child does: live, and end. It never returns into the parent's code."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, AWAITED)
    threading.Thread(target=_end_with, args=(held,), daemon=True).start()
    code = 1
    try:
        live()
        code = 0
    except LeadlineError as error:
        complain(f"leadline: {error}")
        code = WRONG_SETTINGS
    except BaseException:
        log.exception("process_broke")
    finally:
        os._exit(code)


def _end_with(held: int) -> None:
    """A parent that was killed leaves nobody behind."""
    os.read(held, 1)
    os.kill(os.getpid(), signal.SIGTERM)

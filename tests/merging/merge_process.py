"""Processes to be killed. This one imports Leadline once and forks a child for each line `{"settings", "do", …}` of its
input, whose pid it prints: real processes that die of a real SIGKILL, without the cost of an import each. The sandbox
does what it does at once, and nobody is slow on purpose: what died, or was not answered, is taken up soon.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import sys
from typing import Any

from leadline import merge_work, threads
from leadline.app import open_leadline
from leadline.cli.console import configure_logs
from leadline.engine import jobs
from leadline.settings import Settings


async def main(order: dict[str, Any]) -> None:
    """merge, undo, or work until somebody ends it."""
    async with open_leadline(Settings(**order["settings"])) as leadline:
        workspace_id = leadline.workspace.workspace_id
        if order["do"] == "merge":
            pair = order["from_id"], order["into_id"]
            await leadline.merging.merge(workspace_id, *pair, author="Maya", way=order["way"])
        elif order["do"] == "undo":
            await leadline.merging.undo(workspace_id, order["merge_id"], author="Tom")
        else:
            await leadline.work()


def hurry() -> None:
    """A worker waits for others a fraction of the time it usually does."""
    settling = {"SETTLING": 1.5}  # Intercom's times are whole seconds
    hurried = ((jobs, {"HEARTBEAT": 0.25, "STALLED_AFTER": 1.0}), (threads, settling), (merge_work, settling))
    for module, times in hurried:
        vars(module).update(times)


def serve() -> None:
    hurry()
    gc.freeze()
    for line in sys.stdin:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(-1, os.WNOHANG)
        pid = os.fork()
        if pid == 0:
            configure_logs("quiet")
            try:
                asyncio.run(main(json.loads(line)))
            finally:
                os._exit(0)
        print(pid, flush=True)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()


if __name__ == "__main__":
    serve()

"""What a process lives for that test_crashes.py starts and kills. Nobody in it is slow on purpose: what died, or was
not answered, is taken up soon.
"""

from __future__ import annotations

import asyncio
from typing import Any

from leadline.app import open_leadline
from leadline.cli.logs import configure_logs
from leadline.engine import worker
from leadline.merging import work as merge_work
from leadline.process import work
from leadline.settings import Settings


async def main(settings: Settings, order: dict[str, Any]) -> None:
    """merge, undo, or work until somebody ends it."""
    async with open_leadline(settings) as leadline:
        workspace_id = leadline.workspace.workspace_id
        if order["do"] == "merge":
            pair = order["from_id"], order["into_id"]
            await leadline.merging.merge(workspace_id, *pair, author="Maya", way=order["way"])
        elif order["do"] == "undo":
            await leadline.merging.undo(workspace_id, order["merge_id"], author="Tom")
        else:
            await work(leadline)


def hurry() -> None:
    """A worker waits for others a fraction of the time it usually does."""
    settling = {"SETTLING": 1.5}  # Intercom's times are whole seconds
    hurried = ((worker, {"LOOK": 0.25}), (merge_work, settling))
    for module, times in hurried:
        vars(module).update(times)


def live(settings: Settings, order: dict[str, Any]) -> None:
    hurry()
    configure_logs("quiet")
    asyncio.run(main(settings, order))

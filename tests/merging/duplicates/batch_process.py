"""What a process lives for that test_batch.py starts and kills: it runs a batch, or takes one back."""

from __future__ import annotations

import asyncio
from typing import Any

from leadline.app import open_leadline
from leadline.cli.logs import configure_logs
from leadline.settings import Settings
from tests.merging.merge_process import hurry


async def main(settings: Settings, order: dict[str, Any]) -> None:
    async with open_leadline(settings) as leadline:
        workspace_id, batches = leadline.workspace.workspace_id, leadline.duplicates.batches
        if order["do"] == "run":
            await batches.run(workspace_id, order["batch_id"])
        else:
            await batches.undo(workspace_id, order["batch_id"], author="Tom")


def live(settings: Settings, order: dict[str, Any]) -> None:
    hurry()
    configure_logs("quiet")
    asyncio.run(main(settings, order))

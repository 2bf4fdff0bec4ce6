"""Batches that a person of the console begins: they go on when the page is closed, and end with the process.

What is left then is on record; the page of the batches shows it as broken off and goes on with it.
"""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import Any

import structlog
from nicegui import background_tasks

from leadline.console.language import _, plural
from leadline.console.shell import Visit
from leadline.console.trouble import TROUBLE
from leadline.merging.duplicates.batch_seen import Batch
from leadline.merging.duplicates.group_seen import DuplicatesRefused, GroupSeen

log = structlog.get_logger(__name__)


async def merge(visit: Visit, groups: Sequence[GroupSeen]) -> str:
    """Put these groups on record as one batch and begin it. Raises DuplicatesRefused while another one runs."""
    await nobody_at_work(visit)
    duplicates = visit.leadline.duplicates
    batch = await duplicates.batch_of(visit.workspace_id, groups, author=visit.seat.email)
    begin(duplicates.batches.run(visit.workspace_id, batch.batch_id))
    return plural(
        "Batch {number} has begun: {count} merge",
        "Batch {number} has begun: {count} merges",
        batch.merges,
        number=batch.batch_id,
    )


async def nobody_at_work(visit: Visit) -> None:
    """Raises DuplicatesRefused while a batch of this workspace is merged or undone."""
    latest = await visit.leadline.duplicates.record.batches(visit.workspace_id, 1)
    if latest and latest[0].at_work:
        raise DuplicatesRefused(_("A batch is running. Wait for it, or stop it."))


def begin(work: Coroutine[Any, Any, Batch]) -> None:
    """Run or undo a batch beside the page."""
    background_tasks.create(_through(work), name="duplicates batch")


async def _through(work: Coroutine[Any, Any, Batch]) -> None:
    try:
        await work
    except TROUBLE as error:
        log.warning("batch_broke_off", why=f"{type(error).__name__}: {error}")

"""`leadline reconcile`: looks now for teammates' replies that no webhook brought."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
import typer

from leadline.cli.console import Columns, out, show
from leadline.cli.office import open_for_one
from leadline.cli.options import AsJson
from leadline.cli.spans import seconds
from leadline.conversations.reconciliation import Missed
from leadline.errors import SettingError
from leadline.identity.words import counted

COLUMNS: Columns = {"Written": "written_at", "By": "author", "Conversation": "conversation_id", "Text": "text"}


def reconcile(
    since: Annotated[str, typer.Option(help="How far back: 90m, 12h, 2d; empty: since the last look")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be sent")] = False,
    as_json: AsJson = False,
) -> None:
    """Find replies whose webhook was lost, and send them.

    The worker does this when it starts and every few minutes, at most a day back. After a restore from a backup use
    --dry-run first: Leadline does not know of replies that were sent after the backup.
    """
    asyncio.run(_reconcile(seconds(since) if since else None, dry_run, as_json))


async def _reconcile(back: float | None, dry_run: bool, as_json: bool) -> None:
    async with open_for_one() as leadline:
        start = None if back is None else time.time() - back
        look = await leadline.reconciliation.look(leadline.workspace, since=start, dry_run=dry_run)
    if look is None:
        raise SettingError("Another process is looking now. Try again in a minute.")
    empty = f"No reply was missed. {counted(look.changed, 'conversation')} changed since then."
    show([_row(each) for each in look.missed], COLUMNS, as_json=as_json, empty=empty)
    if look.missed and not as_json:
        count = counted(len(look.missed), "reply", "replies")
        out.print(f"{count} would be sent." if dry_run else f"The worker sends {count} now.")


def _row(missed: Missed) -> dict[str, Any]:
    at = datetime.fromtimestamp(missed.written_at, UTC).isoformat(" ")
    return msgspec.structs.asdict(missed) | {"written_at": at}

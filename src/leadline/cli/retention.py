"""`leadline retention`: what is kept, for how long, and purging what is older at once."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated

import msgspec
import typer

from leadline.cli.console import out, show
from leadline.cli.office import open_office
from leadline.privacy.retention import Retention


def retention(
    run: Annotated[bool, typer.Option("--run", help="Purge now what is older than it may be kept")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON")] = False,
) -> None:
    """Show what is kept and for how long.

    The worker purges what is older every hour; what waits or is parked is never purged.
    """
    asyncio.run(_retention(run, as_json))


async def _retention(run: bool, as_json: bool) -> None:
    async with open_office() as office:
        keeping = Retention(office.database, office.settings.terms)
        purged = await keeping.purge(office.workspace_id, now=time.time()) if run else {}
        rows = [msgspec.structs.asdict(kept) for kept in await keeping.kept(office.workspace_id)]
    show(rows, ["kind", "days", "rows", "oldest", "meaning"], as_json=as_json, empty="Nothing is kept.")
    if run and not as_json:
        out.print(f"{sum(purged.values())} records were older than they may be kept and are gone.")

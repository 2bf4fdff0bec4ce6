"""`leadline retention`: what is kept, for how long, and purging what is older at once."""

from __future__ import annotations

import asyncio
from typing import Annotated

import msgspec
import typer

from leadline.cli.console import Columns, out, show
from leadline.cli.office import open_office
from leadline.cli.options import AsJson
from leadline.identity.words import counted
from leadline.privacy.retention import Retention

COLUMNS: Columns = {"What": "kind", "Days": "days", "Records": "rows", "Oldest": "oldest", "Meaning": "meaning"}


def retention(
    run: Annotated[bool, typer.Option("--run", help="Delete now what has reached the end of its time")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what is kept and for how long.

    Every hour the worker deletes what is older. It never deletes what waits or is parked.
    """
    asyncio.run(_retention(run, as_json))


async def _retention(run: bool, as_json: bool) -> None:
    async with open_office() as office:
        keeping = Retention(office.database, office.settings.terms)
        purged = await keeping.purge(office.workspace_id) if run else {}
        if run:
            await office.note("retention.run", detail=purged)
        rows = [msgspec.structs.asdict(kept) for kept in await keeping.kept(office.workspace_id)]
    show(rows, COLUMNS, as_json=as_json, empty="Nothing is kept.")
    if run and not as_json:
        out.print(f"{counted(sum(purged.values()), 'record')} deleted, which had reached the end of their time.")

"""`leadline migrate`: brings the database to the version installed, or shows what that would change."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from leadline.cli.console import Columns, out, show
from leadline.cli.options import AsJson
from leadline.identity.words import counted
from leadline.settings import load
from leadline.store.migrating import Step
from leadline.store.opened import open_as_it_is, open_database, plan

COLUMNS: Columns = {"Step": "name", "Changes": "tables", "Rows there": "rows", "What for": "words"}


def migrate(
    only_plan: Annotated[bool, typer.Option("--plan", help="Only show what would be changed")] = False,
    as_json: AsJson = False,
) -> None:
    """Bring the database up to the installed version.

    `leadline serve` and `leadline worker` do the same when they start. All steps are made or none: where one fails, the
    database is as before, and the former version goes on with it.
    """
    settings = load()

    async def planned() -> list[Step]:
        async with open_as_it_is(settings) as database:
            return await plan(database)

    async def migrated() -> None:
        async with open_database(settings):
            pass

    steps = asyncio.run(planned())
    if not only_plan and steps:
        asyncio.run(migrated())
    rows = [{"name": s.name, "tables": ", ".join(s.tables), "rows": s.rows, "words": s.words} for s in steps]
    show(rows, COLUMNS, as_json=as_json, empty="The database is up to date. Nothing to do.")
    if steps and not as_json:
        out.print(f"{counted(len(steps), 'step')} {'would be made' if only_plan else 'made'}.")

"""`leadline parked list|retry|drop`: what a machine must not guess, and what waits for another try."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from leadline.cli.console import out, show
from leadline.cli.office import open_office
from leadline.engine import parked

Ids = Annotated[list[int], typer.Argument(help="Numbers, as `parked list` shows them")]


def list_(as_json: Annotated[bool, typer.Option("--json", help="Print JSON")] = False, count: int = 100) -> None:
    """List parked messages, and messages waiting for another try.

    Shows the reason of each.
    """
    asyncio.run(_list(as_json, count))


def retry(ids: Ids) -> None:
    """Try parked or waiting messages again now."""
    asyncio.run(_retry(ids))


def drop(ids: Ids) -> None:
    """Give up parked messages for good.

    Their raw form stays on record.
    """
    asyncio.run(_drop(ids))


async def _list(as_json: bool, count: int) -> None:
    async with open_office() as office:
        stuck = await parked.parked(office.database, office.workspace_id, count=count)
        waiting = await parked.postponed(office.database, office.workspace_id, count=count)
    rows = [{"state": "parked", **row} for row in stuck] + [{"state": "waiting", **row} for row in waiting]
    columns = ["arrival_id", "state", "kind", "reason", "explanation", "arrived_at"]
    show(rows, columns, as_json=as_json, empty="Nothing is parked and nothing waits.")


async def _retry(ids: list[int]) -> None:
    async with open_office() as office:
        count = await parked.retry(office.database, office.workspace_id, ids=ids)
    out.print(f"{count} of {len(ids)} are being tried again.")


async def _drop(ids: list[int]) -> None:
    async with open_office() as office:
        count = await parked.drop(office.database, office.workspace_id, ids)
    out.print(f"{count} of {len(ids)} dropped.")

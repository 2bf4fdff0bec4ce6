"""`leadline quality`: how often teammates correct what Leadline chose, for each reason."""

from __future__ import annotations

import asyncio
from typing import Annotated

import msgspec
import typer

from leadline.cli import spans
from leadline.cli.console import Columns, out, show
from leadline.cli.office import open_office
from leadline.cli.options import AsJson
from leadline.identity.reasons import title
from leadline.identity.words import counted
from leadline.people.quality import Reasoned, by_reason

COLUMNS: Columns = {
    "Reason": lambda row: title(row["reason"]),
    "Decisions": "decisions",
    "Corrected": "corrected",
    "Share": lambda row: f"{row['share']:.1%}",
    "Confirmed": "confirmed",
}


def quality(
    since: Annotated[str, typer.Option(help="How far back: 12h, 7d, 90d")] = "30d",
    as_json: AsJson = False,
) -> None:
    """Show how often teammates corrected a choice, by its reason.

    A correction counts for the reason by which its sender was linked to the wrong contact. One that was undone does
    not count, nor one of a link that a person or a merge had made.
    """
    found = asyncio.run(_found(spans.seconds(since)))
    rows = [msgspec.structs.asdict(one) | {"share": round(one.share, 5)} for one in found]
    show(rows, COLUMNS, as_json=as_json, empty=f"Nothing was decided in the last {since}.")
    if rows and not as_json:
        decisions, corrected = (sum(row[name] for row in rows) for name in ("decisions", "corrected"))
        out.print(f"Together: {counted(decisions, 'decision')}, {corrected:,} corrected.")


async def _found(seconds: float) -> list[Reasoned]:
    async with open_office() as office:
        return await by_reason(office.database, office.workspace_id, seconds)

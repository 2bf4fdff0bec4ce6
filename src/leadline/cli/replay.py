"""`leadline replay`: what another policy would have decided for past messages, and linking the senders that way."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Annotated

import msgspec
import typer

from leadline.cli.console import Columns, out, show
from leadline.cli.office import open_for_one, open_office
from leadline.cli.options import AsJson
from leadline.cli.terminal import complain
from leadline.errors import SettingError
from leadline.identity import policy as policies
from leadline.identity.evidence import Evidence
from leadline.identity.policy import Tie
from leadline.identity.reasons import title
from leadline.identity.redecide import Decided, Difference, redecide
from leadline.identity.words import addresses, counted
from leadline.model import Decision
from leadline.people import CorrectionRefused, owners
from leadline.store.database import Database
from leadline.store.queries import queries

COLUMNS: Columns = {
    "Message": "arrival_id",
    "From": lambda row: addresses(row["handles"].split(", ")),
    "Contact now": "was",
    "Why": lambda row: title(row["was_code"]),
    "Contact then": lambda row: row["would"] or "a new lead",
    "Why then": lambda row: title(row["would_code"]),
}
UNITS = {"h": 3600.0, "d": 86400.0, "w": 604800.0}


def replay(
    policy: Annotated[str, typer.Option(help=f"The policy to try: {', '.join(policies.TIES)}")],
    since: Annotated[str, typer.Option(help="How far back: 12h, 7d, 4w")] = "7d",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would differ")] = False,
    author: Annotated[str, typer.Option("--author", help="Who links them, for the record")] = "replay",
    as_json: AsJson = False,
) -> None:
    """Decide past messages again with another policy.

    Senders who would get another contact are linked to it; --dry-run only shows them. Linking works like
    `leadline link attach`: nothing changes in Intercom, and each link can be undone. Senders who would get a new lead
    are listed and left as they are.
    """
    tie, seconds = policies.parse(policy).tie, _seconds(since)
    differing, total = asyncio.run(_differing(tie, seconds))
    rows = [msgspec.structs.asdict(one) | {"handles": ", ".join(one.handles)} for one in differing]
    empty = f"The policy would have decided the same for all messages of the last {since} ({total} on record)."
    show(rows, COLUMNS, as_json=as_json, empty=empty)
    if dry_run or not differing:
        return
    done, left = asyncio.run(_re_route(differing, author))
    if not as_json:
        out.print(f"{counted(done, 'sender')} linked, {left} left unchanged. `leadline link corrections` lists them.")


async def _differing(tie: Tie, seconds: float) -> tuple[list[Difference], int]:
    async with open_office() as office:
        messages = await recorded(office.database, office.workspace_id, seconds)
        rules = msgspec.structs.replace(office.space.rules, tie=tie)
    return redecide(messages, rules), len(messages)


async def recorded(database: Database, workspace_id: str, seconds: float) -> list[Decided]:
    """The decisions of so many seconds that have their evidence on record, oldest first."""
    async with database.connection() as connection:
        rows = queries.decisions_since(connection, workspace_id=workspace_id, seconds=seconds)
        return [
            Decided(
                arrival_id=row["arrival_id"],
                evidence=msgspec.convert(row["evidence"], Evidence),
                decision=msgspec.convert(row["document"], Decision),
            )
            async for row in rows
        ]


async def _re_route(differing: Sequence[Difference], author: str) -> tuple[int, int]:
    """Attach the senders who are still where the old policy put them; how many, and how many were left."""
    last = {one.handles: one for one in differing}
    done = 0
    async with open_for_one() as leadline:
        workspace_id = leadline.workspace.workspace_id
        for one in last.values():
            async with leadline.database.connection() as connection:
                now = await owners(connection, workspace_id, one.handles)
            if one.would is None or now != {one.was}:
                continue
            try:
                await leadline.corrections.attach(workspace_id, one.handles[0], one.would, author=author)
            except CorrectionRefused as refused:
                complain(f"{one.handles[0]}: {refused}")  # what --json prints stays JSON
                continue
            done += 1
    return done, len(last) - done


def _seconds(text: str) -> float:
    match = re.fullmatch(r"(\d{1,4})([hdw])", text.strip().lower())
    if match is None:
        raise SettingError(f"'{text}' is not a time span. Write hours, days or weeks, like 12h, 7d or 4w.")
    return int(match[1]) * UNITS[match[2]]

"""Addresses that an import found are linked or left, batch by batch, each in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from itertools import groupby
from operator import itemgetter
from typing import Any

from leadline.identity import handles
from leadline.identity.claims import Outcome, settle
from leadline.model import Handle
from leadline.people.imports.reading import PHONE
from leadline.people.imports.record import settled
from leadline.people.standings import lock, standings_now
from leadline.store.database import Connection
from leadline.store.queries import queries

BATCH = 200
"""Addresses in one transaction: messages of their senders wait for it."""
Row = Mapping[str, Any]
Outcomes = dict[tuple[str, str], Outcome]
"""By address and contact."""


async def settle_batch(
    connection: Connection,
    workspace_id: str,
    import_id: int,
    after: str,
    *,
    blocked: Set[str],
    author: str,
    applies: bool,
) -> list[str]:
    """Decide about the next addresses after one, and link those that are free; returns them in order."""
    found = queries.open_claims(connection, workspace_id=workspace_id, import_id=import_id, after=after, most=BATCH)
    claims: list[Row] = [row async for row in found]
    names = [*dict.fromkeys(row["handle"] for row in claims)]
    if not names:
        return []
    links: dict[str, int] = {}
    if applies:
        await lock(connection, workspace_id, names)
    outcomes = await _decided(connection, workspace_id, claims, blocked)
    if applies:
        links = await _linked(connection, workspace_id, claims, outcomes, author)
        # A message that came this moment was quicker: its link stands.
        late = [row for row in claims if _free(outcomes, row) and row["handle"] not in links]
        outcomes |= await _decided(connection, workspace_id, late, blocked)
    await settled(connection, workspace_id, import_id, outcomes, links)
    return names


async def unlink_batch(connection: Connection, workspace_id: str, import_id: int, after: str) -> list[str]:
    """End the next links after an address that an import made, where they still stand; returns them in order."""
    key = {"workspace_id": workspace_id, "import_id": import_id}
    rows = [row async for row in queries.claims_to_undo(connection, **key, after=after, most=BATCH)]
    names = [row["handle"] for row in rows]
    await lock(connection, workspace_id, names)
    link_ids = [row["link_id"] for row in rows]
    gone = queries.unlink_imported(connection, workspace_id=workspace_id, link_ids=link_ids)
    undone = [row["handle"] async for row in gone]
    await queries.settle_undone(connection, **key, handles=names, undone=undone)
    return names


async def _decided(connection: Connection, workspace_id: str, claims: Sequence[Row], blocked: Set[str]) -> Outcomes:
    """What becomes of each claim, as all stands now."""
    claiming = {handle: [row["contact_id"] for row in rows] for handle, rows in groupby(claims, itemgetter("handle"))}
    lines = {handle: (handle, *_other_forms(handle)) for handle in claiming}
    names = dict.fromkeys(name for line in lines.values() for name in line)
    standing = {one.handle: one for one in await standings_now(connection, workspace_id, [*names])}
    outcomes: Outcomes = {}
    for handle, contact_ids in claiming.items():
        own = [standing[name] for name in lines[handle]]
        decided = settle(contact_ids, own, blocked=handle.removeprefix("tel:") in blocked)
        outcomes |= {(handle, contact_id): outcome for contact_id, outcome in decided.items()}
    return outcomes


async def _linked(
    connection: Connection, workspace_id: str, claims: Sequence[Row], outcomes: Outcomes, author: str
) -> dict[str, int]:
    """The links that were made, by address."""
    free = {row["handle"]: row for row in claims if _free(outcomes, row)}.values()
    rows = queries.link_imported(
        connection,
        workspace_id=workspace_id,
        handles=[row["handle"] for row in free],
        contact_ids=[row["contact_id"] for row in free],
        roles=[row["role"] for row in free],
        evidence=["imported_phone" if row["attribute"] == PHONE else "imported" for row in free],
        author=author,
    )
    return {row["handle"]: row["link_id"] async for row in rows}


def _free(outcomes: Outcomes, row: Row) -> bool:
    return outcomes[row["handle"], row["contact_id"]].code == "linked"


def _other_forms(name: str) -> tuple[str, ...]:
    """The other written forms of a phone line, as links know them."""
    handle = Handle.parse(name)
    return tuple(handles.forms([handle], whatsapp=True)) if handle.is_phone else ()

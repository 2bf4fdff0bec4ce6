"""How handles stand (whose, shared, called different), read and stored in the caller's transaction.

`corrections.py` calls it; the rules are `identity/standing.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from leadline.identity import standing as rules
from leadline.identity.standing import Standing, Tie
from leadline.model import Role
from leadline.store.database import Connection
from leadline.store.queries import queries


async def before_of(connection: Connection, workspace_id: str, name: str) -> tuple[Standing, ...]:
    """The handle's standing first, then those of the same sender's other handles that share its contact."""
    rows = queries.sender_handles(connection, workspace_id=workspace_id, handle=name)
    names = [row["handle"] async for row in rows]
    return rules.together(await standings_of(connection, workspace_id, names), name)


async def standings_of(connection: Connection, workspace_id: str, names: Sequence[str]) -> tuple[Standing, ...]:
    """As they are now, locked until the transaction ends."""
    await lock(connection, workspace_id, names)
    return await standings_now(connection, workspace_id, names)


async def lock(connection: Connection, workspace_id: str, names: Sequence[str]) -> None:
    """Nobody else changes how these handles stand until the transaction ends."""
    _ = [row async for row in queries.lock_handles(connection, workspace_id=workspace_id, handles=[*names])]


async def standings_now(connection: Connection, workspace_id: str, names: Sequence[str]) -> tuple[Standing, ...]:
    """As they are now; somebody may change them."""
    rows = queries.standings(connection, workspace_id=workspace_id, handles=[*names])
    return tuple([_standing(row) async for row in rows])


def _standing(row: Mapping[str, Any]) -> Standing:
    tie = None
    if row["contact_id"] is not None:
        fields = {name: row[name] for name in ("contact_id", "evidence", "doubt")}
        tie = Tie(**fields, role=Role(row["role"]))
    return Standing(
        handle=row["handle"],
        tie=tie,
        different=frozenset(row["different"]),
        own_lead=row["own_lead"],
        shared=row["shared"],
    )


async def put(
    connection: Connection, workspace_id: str, before: Sequence[Standing], after: Sequence[Standing], author: str
) -> None:
    """Store what changed: links superseded and made, pairs noted and lifted, flags set."""
    was = {standing.handle: standing for standing in before}
    for now in after:
        old, key = was[now.handle], {"workspace_id": workspace_id, "handle": now.handle}
        if now.tie != old.tie:
            await queries.unlink_handle(connection, **key)
            if now.tie is not None:
                tie = msgspec.structs.asdict(now.tie) | {"role": now.tie.role.value}
                await queries.tie_handle(connection, **key, **tie, author=author)
        pairs = {"workspace_id": workspace_id, "handles": [now.handle]}
        await queries.lift_pairs(connection, **pairs, contact_ids=[*(old.different - now.different)])
        await queries.keep_pairs_apart(
            connection, **pairs, contact_ids=[*(now.different - old.different)], author=author
        )
        await queries.stand(connection, **key, shared=now.shared, own_lead=now.own_lead)


async def end_others(connection: Connection, workspace_id: str, names: Sequence[str], into_id: str) -> list[str]:
    """End what these handles have with other contacts than `into_id`; returns the conversations ended."""
    rows = queries.part_with_others(connection, workspace_id=workspace_id, handles=[*names], except_id=into_id)
    return [row["conversation_id"] async for row in rows]

"""Which contact a handle belongs to: links, recorded with evidence and author, superseded and never overwritten.

`record.py`, `merging/journal.py` and others call these functions inside their own transactions.
"""

from __future__ import annotations

from collections.abc import Sequence

from leadline.model import Role, Struct
from leadline.store.database import Connection
from leadline.store.queries import queries


class Person(Struct, frozen=True, kw_only=True):
    """The Intercom contact a message goes to."""

    contact_id: str
    role: Role


class Linked(Struct, frozen=True, kw_only=True):
    """What came of linking. ousted: (handle, contact) of each link superseded by it. left: handles whose link is
    another's: the same contact's, or one's that was quicker.
    """

    ousted: frozenset[tuple[str, str]]
    left: tuple[str, ...]


async def link(
    connection: Connection,
    workspace_id: str,
    handles: Sequence[str],
    person: Person,
    *,
    evidence: str,
    author: str,
    arrival_id: int | None = None,
    doubt: str = "",
    at: float | None = None,
) -> Linked:
    """Link handles, named as `identity.handles.name` does, to a contact. A link to somebody else is superseded.

    doubt: reason codes that a person should look at, comma separated; empty when there is none.
    at: unix seconds of the message it was made for; None: now.
    """
    names = [*dict.fromkeys(handles)]
    key = {"workspace_id": workspace_id, "handles": names, "contact_id": person.contact_id}
    ousted = {(row["handle"], row["contact_id"]) async for row in queries.supersede_links(connection, **key)}
    rows = queries.link_handles(
        connection,
        **key,
        role=person.role.value,
        evidence=evidence,
        author=author,
        arrival_id=arrival_id,
        doubt=doubt,
        at=at,
    )
    made = {row["handle"] async for row in rows}
    return Linked(ousted=frozenset(ousted), left=tuple(name for name in names if name not in made))


async def move_contact(
    connection: Connection, workspace_id: str, from_id: str, into: Person, evidence: str = "merge", author: str = ""
) -> tuple[str, ...]:
    """Everything of one contact becomes another's, in the caller's transaction; returns the handles that moved.

    Links are superseded by new ones with this evidence and author; conversations keep going. Whoever was called
    different from the one is different from the other. Opt-outs are kept by handle and need no move.
    """
    pair = {"from_id": from_id, "into_id": into.contact_id}
    moved = await unlink_contact(connection, workspace_id, from_id)
    await link(connection, workspace_id, moved, into, evidence=evidence, author=author)
    await queries.lift_pairs(connection, workspace_id=workspace_id, handles=list(moved), contact_ids=[into.contact_id])
    await queries.copy_pairs(connection, workspace_id=workspace_id, **pair)
    await queries.move_conversations(connection, workspace_id=workspace_id, **pair)
    return moved


async def unlink_contact(connection: Connection, workspace_id: str, contact_id: str) -> tuple[str, ...]:
    """The contact is gone for good: its links are superseded; returns the handles they were of."""
    rows = queries.unlink_contact(connection, workspace_id=workspace_id, contact_id=contact_id)
    return tuple([row["handle"] async for row in rows])


async def owners(connection: Connection, workspace_id: str, handles: Sequence[str]) -> set[str]:
    """The contacts that these handles are linked to now."""
    rows = queries.links_of(connection, workspace_id=workspace_id, handles=[*handles])
    return {row["contact_id"] async for row in rows}

"""Taking a re-route back: which handles return to the lead, which somebody gave away since, and what is in the way.

`desk.py` calls it within one transaction, so that the report says what stands and not what was meant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from leadline.identity.words import address, addresses
from leadline.merging.journal import Row, moved_of
from leadline.model import Role, Struct
from leadline.people import Person, link
from leadline.store.database import Connection
from leadline.store.queries import queries

FOLLOWED = {"reroute", "merge"}  # evidence of links that nobody has changed by hand since the re-route


class Standing(Struct, frozen=True):
    """Where the handles of a re-route go now. `there`: the target, and who it was merged into since."""

    there: frozenset[str]
    links: Mapping[str, tuple[str, str, str]]

    def owner(self, handle: str) -> str:
        """The contact of this handle; empty where it has none."""
        return self.links.get(handle, ("", "", ""))[0]

    def goes_back(self, handle: str) -> bool:
        """Whether it still goes where the re-route, or a merge of its target, has sent it."""
        owner, evidence, _ = self.links.get(handle, ("", "", ""))
        return owner in self.there and evidence in FOLLOWED

    def author(self, handle: str) -> str:
        """Who made the link."""
        return self.links.get(handle, ("", "", ""))[2]


async def routed(connection: Connection, row: Row) -> Standing:
    """The handles of this re-route as they are linked at this moment."""
    key = {"workspace_id": row["workspace_id"]}
    survivor = await queries.survivor_of(connection, **key, contact_id=row["into_id"])
    rows = queries.links_of(connection, **key, handles=list(moved_of(row).handles))
    links = {each["handle"]: (each["contact_id"], each["evidence"], each["author"]) async for each in rows}
    return Standing(frozenset((row["into_id"], survivor["contact_id"])), links)


async def route_back(connection: Connection, row: Row, handles: Sequence[str], author: str) -> None:
    """These handles and their conversations that were open at the re-route are the lead's again."""
    key = {"workspace_id": row["workspace_id"]}
    for handle in sorted(handles):
        await queries.hold_place(connection, **key, handle=handle)
    await queries.end_conversations_of_handles(connection, **key, handles=list(handles))
    await queries.reopen_conversations(
        connection,
        **key,
        contact_id=row["from_id"],
        handles=list(handles),
        conversation_ids=[conversation_id for conversation_id, _, _ in moved_of(row).conversations],
        since=row["settled_at"],
    )
    lead = Person(contact_id=row["from_id"], role=Role.LEAD)
    await link(connection, row["workspace_id"], handles, lead, evidence="undo", author=author)


def told_of(
    lead_id: str, handles: Sequence[str], before: Standing, now: Standing
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What came back and what did not, in sentences, from what is linked now."""
    back = [handle for handle in handles if now.owner(handle) == lead_id]
    returned = (f"Messages from {addresses(back)} go to the lead again.",) if back else ()
    lost = tuple(_in_the_way(handle, before, now) for handle in handles if handle not in back)
    return returned, lost


def _in_the_way(handle: str, before: Standing, now: Standing) -> str:
    owner = now.owner(handle)
    if not owner:
        return f"Messages from {address(handle)} go to no known contact, because the link was removed."
    if before.goes_back(handle):
        return f"Messages from {address(handle)} go to contact {owner}, because the lead was merged into it."
    who = before.author(handle)
    by = f"{who} linked them there" if who not in ("", "leadline") else "they were linked there"
    return f"Messages from {address(handle)} still go to contact {owner}: {by}. Change that first if it is wrong."

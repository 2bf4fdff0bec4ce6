"""Links on a real database: superseded and kept, and moved with everything else when a contact goes into another."""

from __future__ import annotations

from leadline.model import Role
from leadline.people.links import Person, link, move_contact
from leadline.store.database import Connection, Database
from leadline.store.queries import queries

LEAD = Person(contact_id="lead", role=Role.LEAD)
USER = Person(contact_id="user", role=Role.USER)


async def history(connection: Connection) -> list[tuple[str, str, str, str, bool]]:
    rows = await connection.execute("select * from link order by link_id")
    return [(r["handle"], r["contact_id"], r["evidence"], r["author"], r["superseded_at"] is None) async for r in rows]


async def test_a_contact_moves_with_its_links_and_conversations_and_the_past_stays_on_record(store: Database) -> None:
    async with store.connection() as connection:
        await link(connection, "w", ["tel:+1", "telegram:b/7"], LEAD, evidence="created", author="leadline")
        await queries.know_conversation(
            connection,
            workspace_id="w",
            conversation_id="c1",
            channel_id=1,
            handle="tel:+1",
            contact_id="lead",
            sender="+1",
            ended=False,
            at=None,
            reply_ref="",
        )
    async with store.connection() as connection:
        assert await move_contact(connection, "w", "lead", USER, "merge", "Ann") == ("tel:+1", "telegram:b/7")
        assert await history(connection) == [
            ("tel:+1", "lead", "created", "leadline", False),
            ("telegram:b/7", "lead", "created", "leadline", False),
            ("tel:+1", "user", "merge", "Ann", True),
            ("telegram:b/7", "user", "merge", "Ann", True),
        ]
        conversation = await queries.conversation_by_id(connection, workspace_id="w", conversation_id="c1")
        assert conversation["contact_id"] == "user"
        assert await move_contact(connection, "w", "lead", USER, "merge", "Ann") == (), "a second time changes nothing"


async def test_linking_again_to_the_same_contact_keeps_the_first_evidence(store: Database) -> None:
    async with store.connection() as connection:
        await link(connection, "w", ["tel:+1"], USER, evidence="phone", author="leadline")
        await link(connection, "w", ["tel:+1", "tel:+2"], USER, evidence="known_link", author="leadline")
        assert [row[:3] for row in await history(connection)] == [
            ("tel:+1", "user", "phone"),
            ("tel:+2", "user", "known_link"),
        ]

"""Whose a conversation is that nobody has put on record: ours, somebody else's, or not to be told yet."""

from __future__ import annotations

from typing import Any

import pytest

from leadline.connections.workspaces import Workspace as Connected
from leadline.connections.workspaces import Workspaces
from leadline.conversations.openings import Openings
from leadline.conversations.places import Place
from leadline.intercom import contacts, conversations
from leadline.intercom.client import Client
from leadline.intercom.outcomes import OutcomeUnknown
from leadline.model import Candidate, Role
from leadline.spaces import Book
from leadline.store.queries import queries

from .conftest import Writing


async def never(_: float, __: str) -> None:
    return None


async def begin(writing: Writing, contact_id: str, text: str, owner: str = "arrival:1") -> None:
    """A first message whose call has no outcome yet."""

    async def lost(_: Client) -> tuple[str, str]:
        raise OutcomeUnknown("no answer")

    place = Place(handle="tel:+1", channel_id=7, contact_id=contact_id, sender="+1", at=1_800_000_000.0)
    with pytest.raises(OutcomeUnknown):
        await writing.steps(owner).take(0, "open", text, lost, never, place=place)


async def claimed(writing: Writing) -> str:
    workspaces = Workspaces()
    row = {"workspace_id": "sandbox", "name": "", "region": "", "admin_id": "1", "formatted_phone": False}
    workspaces.add(Connected(writing.workspace.client, row, Book(writing.store)))
    return await Openings(writing.store, workspaces).claim("sandbox", writing.conversation_id)


async def on_record(writing: Writing) -> list[dict[str, Any]]:
    async with writing.store.connection() as connection:
        return await (await connection.execute("select * from conversation")).fetchall()


async def owned(writing: Writing, state: str) -> None:
    """The first message, in this state."""
    async with writing.store.connection() as connection:
        await connection.execute(
            "insert into arrival (workspace_id, raw_id, source, dedupe, kind, lane, content, state)"
            " values ('sandbox', gen_random_uuid(), 's', 'd', 'message', 'l', '{}', %s)",
            [state],
        )


async def test_a_conversation_that_begins_with_our_words_is_ours_and_on_record_at_once(writing: Writing) -> None:
    client = writing.workspace.client
    await begin(writing, writing.contact_id, "Hello there")
    contact = Candidate(contact_id=writing.contact_id, role=Role.LEAD)
    writing.conversation_id = await conversations.open_conversation(client, contact, "Hello  there")
    assert await claimed(writing) == "ours"
    [row] = await on_record(writing)
    assert (row["conversation_id"], row["contact_id"], row["sender"]) == (
        writing.conversation_id,
        writing.contact_id,
        "+1",
    )
    async with writing.store.connection() as connection:
        step = await queries.step(connection, workspace_id="sandbox", owner="arrival:1", step=0)
    assert step is not None
    assert (step["conversation_id"], step["done_at"] is None) == (writing.conversation_id, False)


async def test_a_conversation_of_somebody_else_is_strange(writing: Writing) -> None:
    assert await claimed(writing) == "strange"
    made = await contacts.create_lead(writing.workspace.client, external_id="y", name="Ben", phone="+353867654321")
    assert made.contact
    await begin(writing, made.contact.contact_id, "First")
    assert await claimed(writing) == "strange"
    writing.conversation_id = "999999"
    assert await claimed(writing) == "strange"


@pytest.mark.parametrize(("state", "whose"), [("waiting", "unclear"), ("parked", "stuck"), ("dropped", "stuck")])
async def test_a_conversation_of_the_same_person_waits_until_nobody_goes_on_with_the_first_message(
    writing: Writing, state: str, whose: str
) -> None:
    await owned(writing, state)
    await begin(writing, writing.contact_id, "Not how it begins")
    assert await claimed(writing) == whose
    assert await on_record(writing) == []

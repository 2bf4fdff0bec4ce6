"""A sandbox, a database of Leadline, and a conversation to write into."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest

from leadline.conversations.steps import Pace, Steps
from leadline.engine.shared import Engine
from leadline.intercom import contacts, conversations, traces
from leadline.intercom.client import Client
from leadline.model import Candidate
from leadline.store.database import Database
from tests.intercom.workspace import Workspace, running

PACE = Pace(start=20.0, limit=20.0, margin=20.0)
"""So much time that no test uses it up, on however busy a machine. `Writing.time_passes` makes it pass."""


@pytest.fixture
async def workspace(database_url: str) -> AsyncIterator[Workspace]:
    async with running(database_url) as workspace:
        yield workspace


class Writing:
    """One message of a customer, written into a conversation through steps."""

    def __init__(self, store: Database, workspace: Workspace, contact_id: str, conversation_id: str) -> None:
        self.store = store
        self.engine = Engine(store)
        self.workspace = workspace
        self.contact_id = contact_id
        self.conversation_id = conversation_id
        self.looks = 0
        self.pace = PACE

    def steps(self, owner: str = "arrival:1") -> Steps:
        return Steps(self.engine, self.workspace.client, "sandbox", owner, self.pace)

    async def time_passes(self) -> None:
        """From now on nothing that was begun can take effect any more."""
        async with self.store.connection() as connection:
            await connection.execute("update step set settles_at = now() where done_at is null")

    async def write(self, text: str = "Hello", owner: str = "arrival:1", *, freeze: float = 0.0) -> str:
        """Take the step; freeze: seconds that this whole process stands still between record and call."""

        async def act(client: Client) -> tuple[str, str]:
            time.sleep(freeze)  # noqa: ASYNC251 - it is to stand still
            part = await conversations.reply(client, self.conversation_id, self.contact_id, text)
            return self.conversation_id, part

        async def find(since: float, body: str) -> tuple[str, str] | None:
            self.looks += 1
            found = await traces.find_reply(
                self.workspace.client, self.conversation_id, self.contact_id, body, since=since, known=()
            )
            return (self.conversation_id, found) if found else None

        steps = self.steps(owner)
        _, part = await steps.take(0, "reply", text, act, find, conversation_id=self.conversation_id)
        return part

    async def texts(self) -> list[str]:
        found = await conversations.get_conversation(self.workspace.client, self.conversation_id)
        assert found
        return [part.text for part in found.parts]


@pytest.fixture
async def writing(store: Database, workspace: Workspace) -> AsyncIterator[Writing]:
    client = workspace.client
    made = await contacts.create_lead(client, external_id="x", name="Ann", phone="+353861234567")
    assert made.contact
    lead = Candidate(contact_id=made.contact.contact_id, role=made.contact.role)
    conversation_id = await conversations.open_conversation(client, lead, "First")
    writing = Writing(store, workspace, lead.contact_id, conversation_id)
    yield writing
    await writing.engine.close()

"""Stop 6 and 7: conversations and what is written into them, each write a step (`steps.py`).

`inbound/receive.py` delivers customer messages here; `outbound/failures.py` and others write their notes here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import structlog
from msgspec.structs import replace

from leadline.connections.switchboard import Connected
from leadline.connections.workspaces import Workspace, Workspaces
from leadline.conversations.continuing import asks, goes_on
from leadline.conversations.entries import STATE, Where
from leadline.conversations.places import Place
from leadline.conversations.restored import Gaps
from leadline.conversations.steps import Pace, Steps
from leadline.conversations.upkeep import Upkeep
from leadline.engine.lanes import Arrival
from leadline.engine.shared import Engine
from leadline.errors import Park, Retry
from leadline.identity.handles import names
from leadline.intercom import conversations, traces
from leadline.intercom.client import Client
from leadline.intercom.conversations import File
from leadline.intercom.outcomes import NotFound
from leadline.model import Candidate, Inbound
from leadline.people import Following, Person
from leadline.spaces import Book, WorkspaceSettings
from leadline.store.queries import queries

log = structlog.get_logger(__name__)


class Threads:
    """Opens, continues and re-opens conversations."""

    def __init__(self, engine: Engine, workspaces: Workspaces, following: Following, pace: Pace, book: Book) -> None:
        self._engine = engine
        self._database = engine.database
        self._workspaces = workspaces
        self._following = following
        self._pace = pace
        self._book = book
        self._upkeep = Upkeep(book)
        self._gaps = Gaps(engine.database)

    async def deliver(
        self,
        arrival: Arrival,
        message: Inbound,
        connected: Connected,
        person: Person,
        body: str,
        files: Sequence[File],
    ) -> str:
        """Put a message into its conversation, whose id is returned; empty when the contact moved and the decision
        must be made again.
        """
        workspace = await self._workspaces.get(arrival.workspace_id)
        gap = await self._gaps.of(arrival.workspace_id)
        pace = replace(self._pace, written_since=gap and gap.reaches(_sent_at(arrival, message)))
        thread = _Thread(self._engine, workspace, arrival, message, connected, person, pace)
        space = self._book.of(workspace.workspace_id, connected.channel_id)
        try:
            await thread.write(body, files, space)
        except NotFound:
            await self._heal(workspace, thread, person)
            return ""
        await self._upkeep.do(workspace, thread.conversation_id, connected, opened=thread.opened)
        return thread.conversation_id

    async def _heal(self, workspace: Workspace, thread: _Thread, person: Person) -> None:
        """Intercom knows the contact or the conversation no more: find out which, and let the caller go again."""
        if await self._following.find_again(workspace, person.contact_id, lost="restore"):
            return
        if (
            thread.conversation_id
            and await conversations.get_conversation(workspace.client, thread.conversation_id) is None
        ):
            await thread.end()
            return
        raise Retry("contact_not_ready", "Intercom does not accept messages for this contact yet.")

    async def note(self, workspace_id: str, conversation_id: str, owner: str, body: str) -> bool:
        """Write a note for the teammates, once. False when the conversation was deleted. Raises Park, Retry."""
        workspace = await self._workspaces.get(workspace_id)

        async def act(client: Client) -> tuple[str, str]:
            return conversation_id, await _signed(client, workspace, conversation_id, body)

        async def find(since: float, body: str) -> tuple[str, str] | None:
            found = await traces.find_note(workspace.client, conversation_id, body, since=since)
            return (conversation_id, found) if found else None

        steps = Steps(self._engine, workspace.client, workspace_id, owner, self._pace)
        try:
            await steps.take(0, "note", body, act, find, conversation_id=conversation_id)
        except NotFound:
            log.warning("note_without_conversation", conversation=conversation_id, note=body)
            return False
        return True

    async def begin(self, workspace_id: str, owner: str, contact: Candidate, body: str, place: Place) -> str:
        """Start a conversation with a teammate's message to this contact, once; returns its id.

        The caller sees to it that nobody else begins the same one meanwhile.
        """
        workspace = await self._workspaces.get(workspace_id)

        async def act(client: Client) -> tuple[str, str]:
            return await conversations.begin_conversation(client, workspace.admin_id, contact, body)

        async def find(since: float, body: str) -> tuple[str, str] | None:
            async with self._database.connection() as connection:
                rows = queries.known_conversations(connection, workspace_id=workspace_id, contact_id=contact.contact_id)
                known = {row["conversation_id"] async for row in rows}
            return await traces.find_begun(workspace.client, contact.contact_id, body, since=since, known=known)

        steps = Steps(self._engine, workspace.client, workspace_id, owner, self._pace)
        conversation_id, _ = await steps.take(0, "begin", body, act, find, place=place)
        return conversation_id


def _sent_at(arrival: Arrival, message: Inbound) -> float:
    """By its provider's clock; where that is before 1970 or after the message came, when it came."""
    told = message.sent_at or 0.0
    return told if 0.0 < told < arrival.arrived_at else arrival.arrived_at


async def _signed(client: Client, workspace: Workspace, conversation_id: str, body: str) -> str:
    """A note in the name of the teammate of the settings; where Intercom does not know them, of the token's.

    Intercom answers 404 for an unknown teammate as for a deleted conversation. Raises NotFound for the latter, Park
    where it knows neither teammate.
    """
    for admin_id in dict.fromkeys((workspace.admin_id, workspace.token_admin_id)):
        try:
            part_id = await conversations.note(client, conversation_id, admin_id, body)
        except NotFound:
            if await conversations.get_conversation(client, conversation_id) is None:
                raise
            log.warning("teammate_unknown", teammate=admin_id)
            workspace.gone.add(admin_id)
        else:
            return part_id
    raise Park(
        "teammate_unknown",
        f"Intercom knows no teammate {workspace.admin_id} to write a note for Leadline. Set default_teammate "
        f"to the id of a teammate of this workspace, then try again. The note was: {body}",
    )


class _Thread:
    """One message on its way into one conversation."""

    def __init__(
        self,
        engine: Engine,
        workspace: Workspace,
        arrival: Arrival,
        message: Inbound,
        connected: Connected,
        person: Person,
        pace: Pace,
    ) -> None:
        self._database = engine.database
        self._ledger = engine.ledger
        self._client = workspace.client
        self._arrival = arrival
        self._message = message
        self._workspace_id = workspace.workspace_id
        self._owner = f"arrival:{arrival.arrival_id}"
        self._steps = Steps(engine, workspace.client, workspace.workspace_id, self._owner, pace)
        self._role = person.role
        self._place = Place(
            handle=arrival.lane,
            channel_id=connected.channel_id,
            contact_id=person.contact_id,
            sender=message.sender,
            reply_ref=message.reply_ref,
            at=_sent_at(arrival, message),
        )
        self.conversation_id = ""
        self.opened = False

    async def write(self, body: str, files: Sequence[File], space: WorkspaceSettings) -> None:
        """Continue the conversation of this handle and channel, or open one; files then follow in their own reply."""
        self.conversation_id = await self._begun(space)
        if self.conversation_id:
            await self._reply(0, body, files, self._place)
            return
        await self._open(body)
        for number, start in enumerate(range(0, len(files), conversations.FILES), 1):
            batch = files[start : start + conversations.FILES]
            await self._reply(number, "\n".join(f"[{file.name}]" for file in batch), batch)

    async def end(self) -> None:
        """The conversation was deleted in Intercom with what was written into it; all goes into another one."""
        async with self._database.connection() as connection:
            await queries.end_conversation(
                connection, workspace_id=self._workspace_id, conversation_id=self.conversation_id
            )
        await self._steps.forget()

    async def _begun(self, space: WorkspaceSettings) -> str:
        """The conversation in which the message was begun, or is to be; empty when one is to be opened."""
        handles = [self._arrival.lane, *self._arrival.others, *names(self._message.handles)]
        state = await self._ledger.write(
            STATE,
            Where(
                workspace_id=self._workspace_id,
                owner=self._owner,
                handle=self._arrival.lane,
                handles=msgspec.json.encode([*dict.fromkeys(handles)]).decode(),
                channel_id=self._place.channel_id,
                contact_id=self._place.contact_id,
            ),
        )
        if state.kind is None and state.conversation_id and asks(space):
            return state.conversation_id if await self._goes_on(state.conversation_id, space) else ""
        return state.conversation_id if state.kind in {None, "reply"} else ""

    async def _goes_on(self, conversation_id: str, space: WorkspaceSettings) -> bool:
        """Whether the message belongs there still, by when it came; a deleted conversation is found out on writing."""
        found = await conversations.get_conversation(self._client, conversation_id)
        return found is None or goes_on(found, space, self._client.clock.now() - self._arrival.waited)

    async def _open(self, body: str) -> None:
        contact = Candidate(contact_id=self._place.contact_id, role=self._role)

        async def act(client: Client) -> tuple[str, str]:
            return await conversations.open_conversation(client, contact, body), ""

        async def find(since: float, body: str) -> tuple[str, str] | None:
            known = await self._known(queries.known_conversations, "conversation_id", contact_id=contact.contact_id)
            found = await traces.find_conversation(self._client, contact.contact_id, body, since=since, known=known)
            return (found, "") if found else None

        self.conversation_id, _ = await self._steps.take(0, "open", body, act, find, place=self._place)
        self.opened = True

    async def _reply(self, step: int, body: str, files: Sequence[File], place: Place | None = None) -> None:
        conversation_id, contact_id = self.conversation_id, self._place.contact_id

        async def act(client: Client) -> tuple[str, str]:
            part = await conversations.reply(client, conversation_id, contact_id, body, files)
            return conversation_id, part

        async def find(since: float, body: str) -> tuple[str, str] | None:
            known = await self._known(queries.known_parts, "part_id", conversation_id=conversation_id)
            part = await traces.find_reply(self._client, conversation_id, contact_id, body, since=since, known=known)
            return (conversation_id, part) if part else None

        await self._steps.take(step, "reply", body, act, find, conversation_id=conversation_id, place=place)

    async def _known(self, query: Any, column: str, **values: Any) -> set[str]:
        async with self._database.connection() as connection:
            rows = query(connection, workspace_id=self._workspace_id, **values)
            return {row[column] async for row in rows}

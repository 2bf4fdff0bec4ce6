"""Messages that a teammate begins, with a template or to another address. The panel and the CLI call `begin`.

They are kept first; then a new conversation shows them where that was asked for (`open`), and they are sent in its lane
like replies (`sending.py`, `send`). The worker calls both, so that whoever dies in between leaves nothing half done.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import msgspec

from leadline.channels import reasons
from leadline.connections.pauses import PAUSED
from leadline.conversations import Place, Threads
from leadline.engine.keep import Keeper
from leadline.engine.lanes import Arrival
from leadline.errors import LeadlineError, Park, Retry
from leadline.model import Candidate, Handle, Inbound, Profile, TemplateUse
from leadline.outbound.begun import Begun, lane, parcel
from leadline.outbound.notes import sent
from leadline.outbound.outbox import UNTOLD, Outbox, Target
from leadline.outbound.planning import Content
from leadline.outbound.reach import Reach, Reaches
from leadline.outbound.sending import Sending
from leadline.outbound.templates import choose
from leadline.people import People, Person, link, owners
from leadline.store.database import Database
from leadline.store.queries import queries
from leadline.tracing import new_id

WAIT = 10.0  # seconds that whoever begins a conversation waits for it
LOOK = 0.2
GONE = "This contact no longer exists in Intercom."
Drain = Callable[[str, str], Awaitable[None]]


class NotSent(LeadlineError):
    """A message that cannot be sent there now; `reason` as in `channels/reasons.py`, the text is for the teammate."""

    def __init__(self, reason: str, why: str = "") -> None:
        super().__init__(why or reasons.sentence(reason))
        self.reason = reason


class Proactive:
    """Begins messages and sees them sent."""

    def __init__(
        self,
        database: Database,
        keeper: Keeper,
        people: People,
        threads: Threads,
        reaches: Reaches,
        sending: Sending,
        drain: Drain,
    ) -> None:
        """drain: works through a lane of a workspace here and now; raises Retry when that must go on later."""
        self._database = database
        self._outbox = Outbox(database)
        self._keeper = keeper
        self._people = people
        self._threads = threads
        self._reaches = reaches
        self._sending = sending
        self._drain = drain

    async def begin(
        self,
        workspace_id: str,
        reach: Reach,
        *,
        text: str = "",
        template: TemplateUse | None = None,
        author: str,
        author_id: str = "",
        open_conversation: bool = False,
        contact_id: str = "",
        once: str = "",
    ) -> str:
        """Keep a message that a teammate begins; it is sent in its lane. Returns its conversation's id, empty where
        there is none yet.

        open_conversation: begin a new one in Intercom that shows the message. contact_id: whose reach it is, needed
        where they have no conversation yet. author_id: the teammate's id, where it is known. once: a name of this
        message; the same name again is the same message and does nothing. Raises NotSent, NoTemplate, and what
        Intercom's client raises.
        """
        begun = await self.planned(
            workspace_id,
            reach,
            text=text,
            template=template,
            author=author,
            author_id=author_id,
            contact_id=contact_id,
            once=once or new_id().hex,
        )
        target = begun.target
        if open_conversation or not target.conversation_id:
            contact = await self._contact(target)
            if contact is None:
                raise NotSent("invalid_recipient", GONE)
            target = msgspec.structs.replace(target, contact_id=contact.contact_id)
            if not open_conversation:
                await self._linked(target, contact)
        begun = msgspec.structs.replace(begun, target=target, opened=open_conversation)
        if not open_conversation:
            await self._keep(begun)
            return target.conversation_id
        begun = msgspec.structs.replace(begun, target=msgspec.structs.replace(target, conversation_id=""))
        await self._keep(begun, "opening")
        return await self._opened(begun)

    async def planned(
        self,
        workspace_id: str,
        reach: Reach,
        *,
        text: str = "",
        template: TemplateUse | None = None,
        author: str,
        author_id: str = "",
        contact_id: str = "",
        name: str = "",
        once: str,
    ) -> Begun:
        """A message that another system begins, checked and not kept yet: `parcel` is to be kept by the caller.

        It goes into the conversation of its reach; without one the worker opens one, and finds or makes the contact
        where `contact_id` is empty. Raises NotSent, NoTemplate.
        """
        target = await self._target(workspace_id, reach, contact_id)
        text, template = await self._checked(target, text, template)
        return Begun(
            target=target,
            part_id=f"begun:{once}",
            text=text,
            template=template,
            author=author,
            author_id=author_id,
            name=name,
            opened=not target.conversation_id,
        )

    async def open(self, arrival: Arrival) -> str:
        """A new conversation that shows a message, then the message, kept for the conversation's lane."""
        begun = msgspec.convert(arrival.content, Begun)
        target = begun.target
        contact = await self._contact(target) if target.contact_id else await self._met(arrival, begun)
        if contact is None:
            raise Park("invalid_recipient", GONE)
        place = Place(
            handle=target.handle, channel_id=target.channel_id, contact_id=contact.contact_id, sender=target.sender
        )
        conversation_id = await self._threads.begin(target.workspace_id, begun.part_id, contact, begun.text, place)
        target = msgspec.structs.replace(target, contact_id=contact.contact_id, conversation_id=conversation_id)
        await self._linked(target, contact)
        await self._keep(msgspec.structs.replace(begun, target=target))
        return f"in conversation {conversation_id}"

    async def say(self, target: Target, text: str, *, once: str) -> None:
        """Keep what a channel says by itself in a conversation; the same name again is the same message."""
        await self._keep(Begun(target=target, part_id=f"begun:{once}", text=text))

    async def send(self, arrival: Arrival) -> str:
        """Send a kept message that a teammate began, then say in its conversation what went out."""
        begun = msgspec.convert(arrival.content, Begun)
        content = Content(text=begun.text, template=begun.template)
        word = await self._sending.send(arrival, begun.target, begun.part_id, content, author=begun.author)
        rows = await self._outbox.of_part(begun.target, begun.part_id)
        if any(row["state"] in UNTOLD for row in rows):
            return word
        if begun.author_id:
            await self._await_answer(begun.target, begun.author_id)
        if begun.target.conversation_id:
            await self._tell_sent(begun)
        return word

    async def _await_answer(self, target: Target, admin_id: str) -> None:
        key = {"workspace_id": target.workspace_id, "channel_id": target.channel_id, "handle": target.handle}
        async with self._database.connection() as connection:
            await queries.await_answer(connection, **key, admin_id=admin_id)

    async def _target(self, workspace_id: str, reach: Reach, contact_id: str) -> Target:
        if reach.conversation_id and not contact_id:
            async with self._database.connection() as connection:
                row = await queries.conversation_by_id(
                    connection, workspace_id=workspace_id, conversation_id=reach.conversation_id
                )
            contact_id = row["contact_id"] if row else ""
        return Target(
            workspace_id=workspace_id,
            channel_id=reach.channel_id,
            handle=reach.handle,
            sender=reach.sender,
            conversation_id=reach.conversation_id,
            contact_id=contact_id,
        )

    async def _checked(self, target: Target, text: str, template: TemplateUse | None) -> tuple[str, TemplateUse | None]:
        """Text and template as they will be sent; raises NotSent, NoTemplate."""
        connected = await self._sending.connected(target)
        if connected.row.is_paused:
            raise NotSent(PAUSED, f"{connected.row.name} is paused. Resume it first, or write on another one.")
        if reason := await self._reaches.barrier(connected, target, template=template):
            raise NotSent(reason)
        if template is not None:
            approved = await self._reaches.templates(target.workspace_id, target.channel_id)
            chosen = choose(approved, template.ref or template.name, template.language, template.values)
            return chosen.text, chosen.use
        if not text.strip():
            raise NotSent("content_rejected", "There is nothing to send. Write a text, or choose a template.")
        return text.strip(), None

    async def _contact(self, target: Target) -> Candidate | None:
        """The contact as Intercom has it now, or who it was merged into."""
        return await self._people.current(target.workspace_id, target.contact_id) if target.contact_id else None

    async def _met(self, arrival: Arrival, begun: Begun) -> Candidate | None:
        """Whose address it is, decided as for a message from there; a new lead where it is nobody's."""
        target = begun.target
        connected = await self._sending.connected(target)
        message = Inbound(
            provider_id=begun.part_id,
            sender=target.sender,
            handles=(Handle.parse(target.handle),),
            profile=Profile(name=begun.name),
        )
        person = await self._people.written_to(arrival, message, connected)
        return await self._contact(msgspec.structs.replace(target, contact_id=person.contact_id))

    async def _linked(self, target: Target, contact: Candidate) -> None:
        """The address leads to the contact, so that the answer comes to them."""
        async with self._database.connection() as connection:
            await queries.hold_place(connection, workspace_id=target.workspace_id, handle=target.handle)
            if not await owners(connection, target.workspace_id, [target.handle]):
                person = Person(contact_id=contact.contact_id, role=contact.role)
                await link(
                    connection, target.workspace_id, [target.handle], person, evidence="begun", author="leadline"
                )

    async def _opened(self, begun: Begun) -> str:
        """Open its conversation here and now, so that no worker is needed for it. Empty where it must go on later."""
        workspace_id, until = begun.target.workspace_id, time.monotonic() + WAIT
        busy = True
        while busy and time.monotonic() < until:
            busy = False
            try:
                await self._drain(workspace_id, lane(begun))
            except Retry as retry:
                if busy := retry.reason == "lane_busy":
                    await asyncio.sleep(LOOK)
        async with self._database.connection() as connection:
            found = await queries.opening(connection, workspace_id=workspace_id, part_id=begun.part_id)
        if found["state"] == "parked":
            raise NotSent(found["reason"], found["explanation"])
        return str(found["conversation_id"])

    async def _keep(self, begun: Begun, kind: str = "begun") -> None:
        await self._keeper.keep(begun.target.workspace_id, *parcel(begun, kind))

    async def _tell_sent(self, begun: Begun) -> None:
        target = begun.target
        channel = (await self._sending.connected(target)).row.name
        template = begun.template.name if begun.template else ""
        text = sent(begun.text, channel, begun.author, template, opened=begun.opened)
        await self._threads.note(target.workspace_id, target.conversation_id, f"{begun.part_id}:sent", text)

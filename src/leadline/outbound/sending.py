"""Leadline → customer: one message given to its channel, what became of it told. `reply.py`, panel and CLI call it.

Replies are sent in the conversation's lane; messages that a teammate begins are kept first, then sent in a lane too.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import structlog
from prometheus_client import Counter

from leadline.channels import reasons
from leadline.channels.base import Call, Response
from leadline.channels.text import segments
from leadline.connections.provider_calls import Unreachable
from leadline.connections.shared import Connections
from leadline.connections.switchboard import Connected
from leadline.conversations.threads import Threads
from leadline.engine.arrival import NewArrival, Raw
from leadline.engine.keep import Keeper, new_id
from leadline.engine.lanes import Arrival
from leadline.errors import LeadlineError, Park, Retry, Waiting
from leadline.intercom import contacts, conversations
from leadline.intercom.webhooks import Reply
from leadline.model import Attachment, DeliveryState, Outbound, Sent, Struct, TemplateUse
from leadline.outbound.file_links import FileLinks, place
from leadline.outbound.notes import NEEDS_TEMPLATE, failure, offer, sent, stopped
from leadline.outbound.outbox import UNTOLD, Outbox, Row, Target, message_of
from leadline.outbound.reach import Reach, Reaches
from leadline.outbound.templates import choose
from leadline.people.links import Person, link
from leadline.store.database import Database
from leadline.store.queries import queries

EXPIRING = 25 * 60.0  # seconds after which addresses of teammates' files are renewed; Intercom's hold for 30 minutes
FILE_TRIES = 3
SENDS = Counter("leadline_sends_total", "Messages given to providers by outcome", ["provider", "outcome"])
log = structlog.get_logger(__name__)


class NotSent(LeadlineError):
    """A message that cannot be sent there now; `reason` as in `channels/reasons.py`, the text is for the teammate."""

    def __init__(self, reason: str, why: str = "") -> None:
        super().__init__(why or reasons.sentence(reason))
        self.reason = reason


class Begun(Struct, frozen=True, kw_only=True):
    """A message that a teammate began, as it waits in its lane. `opened`: its conversation shows it already."""

    target: Target
    part_id: str
    text: str
    template: TemplateUse | None = None
    author: str = ""
    opened: bool = False


class Sending:
    """Gives messages to providers, once each."""

    def __init__(
        self,
        database: Database,
        keeper: Keeper,
        connections: Connections,
        threads: Threads,
        reaches: Reaches,
        file_links: FileLinks,
        *,
        public_url: str,
        max_attempts: int,
    ) -> None:
        self.outbox = Outbox(database)
        self._database = database
        self._keeper = keeper
        self._connections = connections
        self._threads = threads
        self._reaches = reaches
        self._file_links = file_links
        self._public_url = public_url.rstrip("/")
        self._max_attempts = max_attempts

    async def reply(self, arrival: Arrival, target: Target, reply: Reply) -> None:
        """Send a teammate's reply; safe to repeat. Raises Retry, Park."""
        connected = await self._connected(target)
        rows = await self.outbox.of_part(target, reply.part_id)
        if not rows:
            files = await self._sendable(connected, target, reply)
            whole = self._whole(connected, target, reply.text, attachments=files)
            pieces = connected.adapter.pieces(whole, connected.settings)
            rows = await self.outbox.plan(target, reply.part_id, pieces, reply.author_name)
        await self._go(arrival, connected, target, rows)

    async def proactive(
        self,
        workspace_id: str,
        reach: Reach,
        *,
        text: str = "",
        template: TemplateUse | None = None,
        author: str,
        open_conversation: bool = False,
        contact_id: str = "",
        once: str = "",
    ) -> str:
        """Keep a message that a teammate begins; it is sent in its lane. Returns its conversation's id, or empty.

        open_conversation: begin a new one in Intercom that shows the message. contact_id: whose reach it is, needed
        where they have no conversation yet. once: a name of this message; the same name again is the same message and
        does nothing. Raises NotSent, NoTemplate, and what Intercom's client raises.
        """
        target = await self._target(workspace_id, reach, contact_id)
        text, template = await self._checked(target, text, template)
        part_id = f"begun:{once or new_id().hex}"
        if open_conversation or not target.conversation_id:
            # A form sent twice, or two teammates at once: the second one finds what the first one has made.
            async with self._database.alone(f"begin:{workspace_id}:{target.channel_id}:{target.handle}"):
                target = await self._introduced(target, part_id, text, begin=open_conversation)
        begun = Begun(
            target=target, part_id=part_id, text=text, template=template, author=author, opened=open_conversation
        )
        content = msgspec.json.encode(begun)
        raw = Raw(channel_id=target.channel_id, method="LEADLINE", url=part_id, headers={}, body=content)
        lane = f"conversation:{target.conversation_id}" if target.conversation_id else f"begun:{target.handle}"
        arrival = NewArrival(
            source="leadline",
            dedupe=part_id,
            kind="begun",
            lane=lane,
            content=content.decode(),
            channel_id=target.channel_id,
        )
        await self._keeper.keep(workspace_id, raw, [arrival])
        return target.conversation_id

    async def begun(self, arrival: Arrival) -> None:
        """Send a kept message that a teammate began, then say in its conversation what went out."""
        begun = msgspec.convert(arrival.content, Begun)
        target = begun.target
        connected = await self._connected(target)
        rows = await self.outbox.of_part(target, begun.part_id) or await self.outbox.plan(
            target, begun.part_id, self._pieces(connected, begun), begun.author
        )
        await self._go(arrival, connected, target, rows)
        rows = await self.outbox.of_part(target, begun.part_id)
        if target.conversation_id and not any(row["state"] in UNTOLD for row in rows):
            name = begun.template.name if begun.template else ""
            text = sent(begun.text, connected.row.name, begun.author, name, opened=begun.opened)
            await self._threads.note(target.workspace_id, target.conversation_id, f"{begun.part_id}:sent", text)

    async def recent(
        self, workspace_id: str, conversation_id: str = "", count: int = 5, *, contact_id: str = ""
    ) -> list[Mapping[str, Any]]:
        """Outbound rows of a conversation (or a contact), newest first; SMS with the `segments` they take."""
        rows = await self.outbox.recent(
            workspace_id, conversation_id=conversation_id, contact_id=contact_id, count=count
        )
        return [dict(row) | {"segments": await self._segments(row)} for row in rows]

    async def tell(self, row: Row) -> None:
        """A note in the conversation: what did not reach the customer, why, and what to do."""
        if not row["conversation_id"]:
            log.warning("not_reached", contact=row["contact_id"], reason=row["reason"], code=row["code"])
            return
        text = failure(row)
        if row["reason"] in NEEDS_TEMPLATE:
            text = await self._with_templates(row, text)
        owner = f"outbound:{row['outbound_id']}:{row['state']}"
        await self._threads.note(row["workspace_id"], row["conversation_id"], owner, text)

    async def _connected(self, target: Target) -> Connected:
        connected = await self._connections.switchboard.by_id(target.workspace_id, target.channel_id)
        if connected is None:
            raise Park("unknown_channel", "The channel of this conversation does not exist any more")
        return connected

    def _whole(self, connected: Connected, target: Target, text: str, **more: Any) -> Outbound:
        status_url = f"{self._public_url}/status/{connected.row.key}"
        return Outbound(id=new_id().hex, to=target.sender, text=text, status_url=status_url, **more)

    async def _sendable(self, connected: Connected, target: Target, reply: Reply) -> tuple[Attachment, ...]:
        """A reply's files; under lasting addresses where they go out as links."""
        if connected.can.media_out or not reply.attachments:
            return reply.attachments
        return await self._file_links.lasting(
            target.workspace_id, target.conversation_id, reply.part_id, reply.attachments
        )

    def _pieces(self, connected: Connected, begun: Begun) -> tuple[Outbound, ...]:
        """A template is one piece, whatever its length: the provider has its text."""
        whole = self._whole(connected, begun.target, begun.text, template=begun.template)
        if begun.template is None:
            return connected.adapter.pieces(whole, connected.settings)
        return (msgspec.structs.replace(whole, id=f"{whole.id}.1"),)

    # -- sending ------------------------------------------------------------------------------------------------------

    async def _go(self, arrival: Arrival, connected: Connected, target: Target, rows: Sequence[Row]) -> None:
        for row in await self._allowed(connected, target, rows):
            if row["state"] == DeliveryState.SENDING and not _repeatable(connected, row):
                # An earlier try broke between call and answer. Nobody can tell, so nobody sends it twice.
                await self._settle(row, Sent(outcome="unknown", reason="outcome_unknown"))
            elif row["state"] in (DeliveryState.QUEUED, DeliveryState.SENDING):
                await self._send(arrival, connected, row)
            elif row["state"] in UNTOLD:
                await self.tell(row)  # an earlier try may have broken before its note was written

    async def _allowed(self, connected: Connected, target: Target, rows: Sequence[Row]) -> list[Row]:
        """The rows that may go on. What the customer or the provider's window forbids is stopped and told."""
        queued = [row for row in rows if row["state"] == DeliveryState.QUEUED]
        held: list[Row] = [row for row in rows if row["stopped"]]
        if queued:
            template = message_of(queued[0]).template
            if reason := await self._reaches.barrier(connected, target, template=template):
                held += await self.outbox.stop(queued, reason)
        if held:
            await self._tell_held(target, held)
        gone = {row["outbound_id"] for row in held}
        return [row for row in rows if row["outbound_id"] not in gone]

    async def _tell_held(self, target: Target, rows: Sequence[Row]) -> None:
        text = stopped(rows)
        if rows[0]["reason"] in NEEDS_TEMPLATE:
            text = await self._with_templates(rows[0], text)
        log.info("stopped", conversation=target.conversation_id, reason=rows[0]["reason"])
        if target.conversation_id:
            owner = f"stopped:{target.conversation_id}:{rows[0]['part_id']}"
            await self._threads.note(target.workspace_id, target.conversation_id, owner, text)

    async def _with_templates(self, row: Row, text: str) -> str:
        connected = await self._connections.switchboard.by_id(row["workspace_id"], row["channel_id"])
        if connected is None or not connected.can.templates:
            return text
        templates = await self._reaches.templates(row["workspace_id"], row["channel_id"])
        return "\n".join(filter(None, (text, offer(templates, connected.row.name))))

    async def _send(self, arrival: Arrival, connected: Connected, row: Row) -> None:
        """The calls of one piece; on record before one may reach the customer, so that a crash leads to no repeat."""
        row = await self._ready(arrival, row)
        may_wait = arrival.attempts + 1 < FILE_TRIES

        async def before(call: Call) -> None:
            nonlocal may_wait
            if not call.harmless:
                may_wait = False  # a later try would find `sending`, and make a doubt of what was refused
                await self.outbox.mark(row, DeliveryState.SENDING)

        async def fetch(attachment: Attachment) -> Response:
            return await self._connections.media.given(attachment, patient=may_wait)

        try:
            message = msgspec.structs.replace(
                message_of(row), at=time.time(), first=not await self.outbox.given_before(row)
            )
            steps = connected.adapter.send(message, connected.settings)
            result = await self._connections.calls.perform(steps, fetch=fetch, before=before)
        except Unreachable as error:
            result = Sent(outcome="retry", reason=error.reason, detail=str(error))
        SENDS.labels(connected.row.provider, result.outcome).inc()
        if result.outcome == "retry":
            await self._later(arrival, row, result)
        elif result.outcome == "unknown" and _repeatable(connected, row) and self._tries_left(arrival):
            # The provider makes one message of both; the row stays `sending`.
            raise Retry(result.reason or "no_answer", reasons.sentence("no_answer"), result.retry_after)
        else:
            await self._settle(row, result)

    async def _ready(self, arrival: Arrival, row: Row) -> Row:
        """The row with what must be fresh: addresses of files, and the reference to the customer's message."""
        message = message_of(row)
        fresh = message
        if message.attachments and time.time() - arrival.arrived_at > EXPIRING:
            fresh = msgspec.structs.replace(fresh, attachments=await self._renewed(row, message.attachments))
        if row["state"] == DeliveryState.QUEUED:
            # One that an earlier try took may be used up: then the message goes without.
            reference = "" if message.reply_ref or row["piece"] else await self.outbox.take_reply_ref(row)
            fresh = msgspec.structs.replace(fresh, reply_ref=reference)
        return row if fresh == message else await self.outbox.reword(row, fresh)

    async def _renewed(self, row: Row, files: tuple[Attachment, ...]) -> tuple[Attachment, ...]:
        client = (await self._connections.workspaces.get(row["workspace_id"])).client
        found = await conversations.refresh_attachments(client, row["conversation_id"], row["part_id"])
        by_place = {place(file): file for file in found}
        return tuple(by_place.get(place(file), file) for file in files)

    async def _later(self, arrival: Arrival, row: Row, result: Sent) -> None:
        """The provider surely did not take it: try again, for ever where only a person can help."""
        text = f"{reasons.sentence(result.reason)} {result.detail}".strip()
        if result.reason == "auth_failed":
            await self.outbox.mark(row, DeliveryState.QUEUED)
            raise Waiting(result.reason, text)
        if not self._tries_left(arrival):
            await self._settle(row, msgspec.structs.replace(result, outcome="refused"))
            return
        await self.outbox.mark(row, DeliveryState.QUEUED)
        raise Retry(result.reason or "provider_error", text, result.retry_after)

    def _tries_left(self, arrival: Arrival) -> bool:
        return arrival.attempts + 1 < self._max_attempts

    async def _settle(self, row: Row, result: Sent) -> None:
        changed = await self.outbox.settle(row, result)
        if changed["state"] in UNTOLD:
            await self.tell(changed)

    async def _segments(self, row: Row) -> int | None:
        connected = await self._connections.switchboard.by_id(row["workspace_id"], row["channel_id"])
        return segments(message_of(row).text).count if connected and connected.is_sms else None

    # -- beginning ----------------------------------------------------------------------------------------------------

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
        connected = await self._connected(target)
        if reason := await self._reaches.barrier(connected, target, template=template):
            raise NotSent(reason)
        if template is not None:
            approved = await self._reaches.templates(target.workspace_id, target.channel_id)
            chosen = choose(approved, template.ref or template.name, template.language, template.values)
            return chosen.text, chosen.use
        if not text.strip():
            raise NotSent("content_rejected", "There is nothing to send: write a text, or choose a template.")
        return text.strip(), None

    async def _introduced(self, target: Target, part_id: str, text: str, *, begin: bool) -> Target:
        """The contact is linked, so that the answer comes to them; with `begin` a conversation shows the message."""
        workspace = await self._connections.workspaces.get(target.workspace_id)
        contact = await contacts.get(workspace.client, target.contact_id) if target.contact_id else None
        if contact is None:
            raise NotSent("invalid_recipient", "Intercom does not know this contact any more.")
        target = msgspec.structs.replace(target, contact_id=contact.contact_id)
        if begin:
            conversation_id = await self._threads.begin(target.workspace_id, part_id, contact, text)
            target = msgspec.structs.replace(target, conversation_id=conversation_id)
        async with self._database.connection() as connection:
            await queries.hold_place(connection, workspace_id=target.workspace_id, handle=target.handle)
            known = queries.links_of(connection, workspace_id=target.workspace_id, handles=[target.handle])
            if not [row async for row in known]:
                person = Person(contact_id=contact.contact_id, role=contact.role)
                await link(
                    connection, target.workspace_id, [target.handle], person, evidence="begun", author="leadline"
                )
            if begin:
                await queries.begin_conversation(connection, **msgspec.structs.asdict(target))
        return target


def _repeatable(connected: Connected, row: Row) -> bool:
    """Whether the provider makes one message of two equal sends; an answer to a reference cannot be repeated."""
    return connected.can.idempotent and not message_of(row).reply_ref

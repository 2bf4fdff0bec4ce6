"""Leadline → customer: one message given to its channel, piece by piece, and what became of it.

`reply.py` and `proactive.py` call it in the conversation's lane. A piece is on record as `sending` before the provider
is called, so that no crash leads to a second one.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from prometheus_client import Counter

from leadline.channels import reasons
from leadline.channels.exchange import Call, Response
from leadline.channels.pieces import with_links
from leadline.channels.text import segments
from leadline.connections.pauses import LOOK, PAUSED
from leadline.connections.provider_calls import LONGEST, Unreachable
from leadline.connections.shared import Connections
from leadline.connections.switchboard import Connected
from leadline.engine.breaker import Breaker
from leadline.engine.holds import surely_held
from leadline.engine.lanes import Arrival
from leadline.errors import Lost, Park, Retry, Waiting
from leadline.intercom import conversations
from leadline.model import Attachment, DeliveryState, Sent, StatusUpdate
from leadline.outbound.failures import Failures
from leadline.outbound.file_links import FileLinks
from leadline.outbound.outbox import UNTOLD, Outbox, Row, Target, message_of
from leadline.outbound.planning import Content, Planning
from leadline.outbound.presence import Presence
from leadline.outbound.reach import Reaches

EXPIRING = 25 * 60.0  # seconds after which addresses of teammates' files are renewed; Intercom's hold for 30 minutes
LATE = 30.0  # seconds after which a teammate may have thought better of a reply that still waits
FILE_TRIES = 3
AWAY = {reasons.AUTH_FAILED, "provider_unreachable"}  # no single message is the cause of these
SENDS = Counter("leadline_sends_total", "Messages given to providers by outcome", ["provider", "outcome"])


class Sending:
    """Gives messages to providers, once each. public_url: where providers report what became of them."""

    def __init__(
        self,
        outbox: Outbox,
        connections: Connections,
        reaches: Reaches,
        file_links: FileLinks,
        failures: Failures,
        *,
        public_url: str,
        max_attempts: int,
    ) -> None:
        self._outbox = outbox
        self._presence = Presence(outbox, connections)
        self._planning = Planning(outbox, connections, file_links)
        self._connections = connections
        self._reaches = reaches
        self._file_links = file_links
        self._failures = failures
        self._public_url = public_url.rstrip("/")
        self._max_attempts = max_attempts

    async def send(self, arrival: Arrival, target: Target, part_id: str, content: Content, *, author: str) -> str:
        """Send one message, in as many pieces as its channel needs; says what became of them. Safe to repeat.

        Raises Retry, Park.
        """
        connected = await self.connected(target)
        if connected.row.is_paused:
            why = f"{connected.row.name} is paused. This goes out when the channel is resumed"
            raise Waiting(PAUSED, why, LOOK)
        rows = await self._outbox.of_part(target, part_id)
        if not rows:
            pieces = await self._planning.pieces(connected, target, part_id, content, author=author)
            rows = await self._outbox.plan(target, part_id, pieces, author)
        allowed, held = await self._allowed(arrival, connected, target, rows)
        words, parked = list[str](), list[Park]()
        for row in allowed:
            try:
                words.append(await self._advance(arrival, connected, row))
            except Park as park:  # the other pieces go on
                parked.append(park)
        if allowed and not parked:
            await self._presence.read(connected, target)
        if held:
            words.append(f"held ({held[0]['reason']}), {await self._failures.tell_stopped(target, held)}")
        if parked:
            raise parked[0]
        return ", ".join(words)

    async def _advance(self, arrival: Arrival, connected: Connected, row: Row) -> str:
        """Give one piece to the provider, unless an earlier try has."""
        if row["state"] == DeliveryState.SENDING and not _repeatable(connected, row):
            # An earlier try broke between call and answer. Nobody can tell, so nobody sends it twice.
            return await self._settle(row, Sent(outcome="unknown", reason="outcome_unknown"))
        if row["state"] in (DeliveryState.QUEUED, DeliveryState.SENDING):
            return await self._give(arrival, connected, row)
        return await self._word(row)  # an earlier try may have broken before its note was written

    async def reported(self, workspace_id: str, channel_id: int, update: StatusUpdate) -> str:
        """A provider's word on messages sent: never backwards, and a failure is told. Empty where it knows of none."""
        rows = await self._outbox.advance(workspace_id, channel_id, update)
        return ", ".join([await self._reported(row) for row in rows])

    async def _reported(self, row: Row) -> str:
        return await self._word(row) if row["state"] == DeliveryState.FAILED else str(row["state"])

    async def recent(
        self, workspace_id: str, conversation_id: str = "", count: int = 5, *, contact_id: str = ""
    ) -> list[Mapping[str, Any]]:
        """Outbound rows of a conversation (or a contact), newest first; SMS with the `segments` they take."""
        rows = await self._outbox.recent(
            workspace_id, conversation_id=conversation_id, contact_id=contact_id, count=count
        )
        return [dict(row) | {"segments": await self._segments(row)} for row in rows]

    async def connected(self, target: Target) -> Connected:
        """The channel a message goes out on; raises Park where it was removed."""
        return await self._connections.switchboard.of_message(target.workspace_id, target.channel_id)

    async def _allowed(
        self, arrival: Arrival, connected: Connected, target: Target, rows: Sequence[Row]
    ) -> tuple[list[Row], list[Row]]:
        """The rows that may go on, and those that the customer, the provider's window or the teammate forbids."""
        queued = [row for row in rows if row["state"] == DeliveryState.QUEUED]
        held: list[Row] = [row for row in rows if row["stopped"]]
        if queued:
            template = message_of(queued[0]).template
            reason = await self._reaches.barrier(connected, target, template=template)
            if not reason and await self._is_taken_back(arrival, queued[0]):
                reason = reasons.TAKEN_BACK
            if reason:
                held += await self._outbox.stop(queued, reason)
        gone = {row["outbound_id"] for row in held}
        return [row for row in rows if row["outbound_id"] not in gone], held

    async def _is_taken_back(self, arrival: Arrival, row: Row) -> bool:
        """Whether a reply that had to wait was deleted in Intercom meanwhile."""
        if arrival.kind != "notification" or arrival.waited < LATE:
            return False
        client = (await self._connections.workspaces.get(row["workspace_id"])).client
        found = await conversations.get_conversation(client, row["conversation_id"])
        return found is not None and any(part.redacted and part.part_id == row["part_id"] for part in found.parts)

    async def _give(self, arrival: Arrival, connected: Connected, row: Row) -> str:
        """Have one piece delivered, and do what the outcome asks for."""
        breaker = self._breaker(connected)
        breaker.check()
        row = await self._ready(arrival, row)
        try:
            result = await self._called(arrival, connected, row)
        except Unreachable as error:
            result = Sent(outcome="retry", reason=error.reason, detail=str(error))
        SENDS.labels(connected.row.provider, result.outcome).inc()
        if result.outcome in {"accepted", "refused"}:
            breaker.worked()
        if result.outcome == "retry":
            return await self._later(arrival, row, result, breaker)
        if result.outcome == "unknown" and _repeatable(connected, row) and self._tries_left(arrival):
            # The provider makes one message of both; the row stays `sending`.
            raise Retry(result.reason or "no_answer", reasons.sentence("no_answer"), result.retry_after)
        return await self._settle(row, result)

    async def _called(self, arrival: Arrival, connected: Connected, row: Row) -> Sent:
        """Make a piece's calls; on record before one may reach the customer, so that a crash leads to no repeat.

        Raises Unreachable, Lost.
        """
        may_wait, begun = arrival.attempts + 1 < FILE_TRIES, False

        async def before(call: Call) -> None:
            nonlocal may_wait, begun
            if call.harmless:
                return
            may_wait = False  # a later try would find `sending`, and make a doubt of what was refused
            if begun:
                surely_held(LONGEST)
            else:
                await self._begin(row, again=_repeatable(connected, row))
            begun = True

        async def fetch(attachment: Attachment) -> Response:
            return await self._connections.media.given(attachment, patient=may_wait)

        message = msgspec.structs.replace(
            message_of(row),
            at=time.time(),
            first=not await self._outbox.given_before(row),
            status_url=f"{self._public_url}/status/{connected.row.key}",  # never on record: the key is in it
        )
        steps = connected.adapter.send(message, connected.settings)
        return await self._connections.calls.perform(steps, fetch=fetch, before=before)

    async def _begin(self, row: Row, *, again: bool) -> None:
        """The first call of a piece may be made now. A worker that stood still meanwhile makes none: raises Lost."""
        surely_held(LONGEST)
        await self._outbox.begin(row, again=again)
        try:
            surely_held(LONGEST)
        except Lost:
            if not again:
                await self._outbox.requeue(row)
            raise

    async def _ready(self, arrival: Arrival, row: Row) -> Row:
        """The row with what must be fresh: addresses of files, and the reference to the customer's message."""
        message = message_of(row)
        fresh = message
        if message.attachments and arrival.waited > EXPIRING:
            files = await self._file_links.renewed(
                row["workspace_id"], row["conversation_id"], row["part_id"], message.attachments
            )
            fresh = msgspec.structs.replace(fresh, attachments=files)
        if row["state"] == DeliveryState.QUEUED:
            # One that an earlier try took may be used up: then the message goes without.
            reference = "" if message.reply_ref or row["piece"] else await self._outbox.take_reply_ref(row)
            fresh = msgspec.structs.replace(fresh, reply_ref=reference)
        return row if fresh == message else await self._outbox.reword(row, fresh)

    def _breaker(self, connected: Connected) -> Breaker:
        """Of the channel: whether its provider is there, and lets us in."""
        return self._connections.breakers.of(connected.workspace_id, f"channel:{connected.channel_id}")

    async def _later(self, arrival: Arrival, row: Row, result: Sent, breaker: Breaker) -> str:
        """The provider surely did not take it: try again, for ever where it is away or only a person can help."""
        text = f"{reasons.meanwhile(result.reason)} {result.detail}".strip()
        if result.reason in AWAY:
            why = (Waiting if result.reason == reasons.AUTH_FAILED else Retry)(result.reason, text)
            breaker.failed(why, sure=True, at_once=isinstance(why, Waiting))
            if breaker.is_open:
                await self._outbox.requeue(row)
                raise why
        if not self._tries_left(arrival):
            return await self._settle(row, msgspec.structs.replace(result, outcome="refused"))
        await self._outbox.requeue(row)
        raise Retry(result.reason or "provider_error", text, result.retry_after)

    def _tries_left(self, arrival: Arrival) -> bool:
        return arrival.attempts + 1 < self._max_attempts

    async def _settle(self, row: Row, result: Sent) -> str:
        return await self._word(await self._outbox.settle(row, result))

    async def _word(self, row: Row) -> str:
        """The state of a piece. Teammates are told when it may not have reached the customer."""
        state = str(row["state"])
        return f"{state}, {await self._tell(row)}" if row["state"] in UNTOLD else state

    async def _tell(self, row: Row) -> str:
        """A failure is told. One that means only that the customer refuses messages is kept as their wish, too."""
        connected = await self._connections.switchboard.by_id(row["workspace_id"], row["channel_id"])
        about = connected.adapter.refusals.get(row["code"]) if connected else None
        if about and row["state"] == DeliveryState.FAILED:
            await self._reaches.refused(row["workspace_id"], row["channel_id"], row["handle"], about)
        return await self._failures.tell(row)

    async def _segments(self, row: Row) -> int | None:
        connected = await self._connections.switchboard.by_id(row["workspace_id"], row["channel_id"])
        if connected is None or not connected.is_sms:
            return None
        message = message_of(row)
        return segments(message.text if connected.can.media_out else with_links(message)).count


def _repeatable(connected: Connected, row: Row) -> bool:
    """Whether the provider makes one message of two equal sends; an answer to a reference cannot be repeated."""
    return connected.can.idempotent and not message_of(row).reply_ref

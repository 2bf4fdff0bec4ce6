"""Teammate → customer, the way back: Intercom's webhook kept, the reply sent on its channel, its fate told.

`web.py` calls `notified`; the worker calls `notification` in the conversation's lane and `status` for callbacks.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import msgspec
import structlog
from prometheus_client import Counter
from psycopg.types.json import Jsonb

from leadline.channels import reasons
from leadline.channels.base import Answer
from leadline.engine.keep import Keeper, NewArrival, Raw, new_id
from leadline.engine.lanes import Arrival
from leadline.errors import Park, Retry, Waiting
from leadline.following import Following
from leadline.intercom import webhooks
from leadline.intercom.webhooks import Notification, Reply
from leadline.model import DeliveryState, Outbound, Sent, StatusUpdate
from leadline.provider_calls import ProviderCalls, Unreachable
from leadline.receive import storable
from leadline.store.database import Connection, Database
from leadline.store.queries import queries
from leadline.switchboard import Connected, Switchboard
from leadline.threads import Threads
from leadline.workspaces import Workspaces

TOPICS = {
    "conversation.admin.replied",
    "conversation.admin.single.created",
    "conversation.admin.closed",
    "conversation.admin.assigned",
    "conversation.admin.open.assigned",
    "conversation.operator.replied",
    "conversation.deleted",
    "contact.merged",
    "contact.deleted",
    "contact.lead.signed_up",
}
STATUS_TRIES = 3
UNTOLD = (DeliveryState.FAILED, DeliveryState.UNKNOWN)  # the customer may have nothing: the teammates get a note
SENDS = Counter("leadline_sends_total", "Messages given to providers by outcome", ["provider", "outcome"])
log = structlog.get_logger(__name__)


class ReplyDesk:
    """Everything between Intercom's webhook and the customer's phone."""

    def __init__(
        self,
        database: Database,
        keeper: Keeper,
        switchboard: Switchboard,
        workspaces: Workspaces,
        following: Following,
        threads: Threads,
        calls: ProviderCalls,
        *,
        client_secret: str,
        public_url: str,
        bot_replies: bool,
        max_attempts: int,
    ) -> None:
        self._database = database
        self._keeper = keeper
        self._switchboard = switchboard
        self._workspaces = workspaces
        self._following = following
        self._threads = threads
        self._calls = calls
        self._client_secret = client_secret
        self._public_url = public_url.rstrip("/")
        self._authors = {"admin", "bot"} if bot_replies else {"admin"}
        self._max_attempts = max_attempts

    async def notified(self, body: bytes, headers: Mapping[str, str], url: str) -> Answer:
        """Verify, keep what matters, answer. Raises Refused, Unreadable."""
        webhooks.verify(body, headers.get("x-hub-signature"), self._client_secret)
        notification = webhooks.parse(body)
        if notification.topic in TOPICS:
            raw = Raw(channel_id=None, method="POST", url=url, headers=storable(headers), body=body)
            await self._keeper.keep(notification.app_id, raw, [_arrival(notification)])
        return Answer()

    async def notification(self, arrival: Arrival) -> None:
        """One thing that happened in Intercom, in the lane of its conversation or contact."""
        notification = msgspec.convert(arrival.content, Notification)
        if notification.topic.startswith("contact."):
            await self._following.notified(
                arrival.workspace_id, notification.topic, notification.contact_id, notification.merged_from
            )
            return
        conversation = await self._conversation(arrival.workspace_id, notification.conversation_id)
        if conversation is None:
            return
        if notification.topic == "conversation.deleted":
            await self._ended(arrival.workspace_id, notification.conversation_id)
        for reply in notification.replies:
            if await self._is_for_customer(conversation, reply):
                await self._send_reply(arrival, conversation, reply)

    async def status(self, arrival: Arrival) -> None:
        """A provider's word on a message sent: never backwards, and a failure is told in the conversation."""
        update = msgspec.convert(arrival.content, StatusUpdate)
        async with self._database.connection() as connection:
            row = await queries.outbound_for_update(
                connection,
                workspace_id=arrival.workspace_id,
                channel_id=arrival.channel_id,
                outbound_id=update.outbound_id,
                provider_id=update.provider_id,
            )
            if row is not None:
                row = await _advance(connection, row, update)
        if row is None:
            self._unknown_status(arrival, update)
        elif row["state"] == DeliveryState.FAILED:
            await self._tell(row)

    def _unknown_status(self, arrival: Arrival, update: StatusUpdate) -> None:
        """A callback may overtake the answer to its own send; later it is about a message that others sent."""
        if arrival.attempts + 1 < STATUS_TRIES:
            raise Retry("status_before_send", f"No message {update.provider_id} was sent by Leadline yet", 2.0)
        log.info("status_of_strangers_message", provider_id=update.provider_id, state=update.state)

    async def _conversation(self, workspace_id: str, conversation_id: str) -> Mapping[str, Any] | None:
        async with self._database.connection() as connection:
            row: Mapping[str, Any] | None = await queries.conversation_by_id(
                connection, workspace_id=workspace_id, conversation_id=conversation_id
            )
        return row

    async def _is_for_customer(self, conversation: Mapping[str, Any], reply: Reply) -> bool:
        if reply.is_note or reply.author_type not in self._authors or not (reply.text or reply.attachments):
            return False
        async with self._database.connection() as connection:
            own = await queries.is_own_part(
                connection,
                workspace_id=conversation["workspace_id"],
                conversation_id=conversation["conversation_id"],
                part_id=reply.part_id,
            )
        return own is None

    async def _send_reply(self, arrival: Arrival, conversation: Mapping[str, Any], reply: Reply) -> None:
        connected = await self._switchboard.by_id(arrival.workspace_id, conversation["channel_id"])
        if connected is None:
            raise Park("unknown_channel", "The channel of this conversation does not exist any more")
        for row in await self._queued(connected, conversation, reply):
            if row["state"] == DeliveryState.SENDING:
                # An earlier try broke between call and answer. Nobody can tell, so nobody sends it twice.
                await self._change(row, Sent(outcome="unknown", reason="outcome_unknown"))
            elif row["state"] == DeliveryState.QUEUED:
                await self._send(arrival, connected, row)
            elif row["state"] in UNTOLD:
                await self._tell(row)  # an earlier try may have broken before its note was written

    async def _queued(
        self, connected: Connected, conversation: Mapping[str, Any], reply: Reply
    ) -> list[Mapping[str, Any]]:
        """The calls this reply takes, planned once and remembered."""
        key = {
            "workspace_id": connected.workspace_id,
            "conversation_id": conversation["conversation_id"],
            "part_id": reply.part_id,
        }
        async with self._database.connection() as connection:
            if rows := [row async for row in queries.outbound_of_part(connection, **key)]:
                return rows
            for piece, message in enumerate(self._pieces(connected, conversation["sender"], reply)):
                await queries.queue_outbound(
                    connection,
                    **key,
                    outbound_id=message.id,
                    piece=piece,
                    channel_id=connected.channel_id,
                    message=Jsonb(msgspec.to_builtins(message)),
                    author=reply.author_name,
                )
            return [row async for row in queries.outbound_of_part(connection, **key)]

    def _pieces(self, connected: Connected, to: str, reply: Reply) -> tuple[Outbound, ...]:
        whole = Outbound(
            id=new_id().hex,
            to=to,
            text=reply.text,
            attachments=reply.attachments,
            status_url=f"{self._public_url}/status/{connected.row.key}",
        )
        return connected.adapter.pieces(whole, connected.settings)

    async def _send(self, arrival: Arrival, connected: Connected, row: Mapping[str, Any]) -> None:
        """One provider call: on record before it is made, so that a crash leaves `sending`, never a second send."""
        message = msgspec.structs.replace(msgspec.convert(row["message"], Outbound), at=time.time())
        call = connected.adapter.build(message, connected.settings)
        await self._mark(row, DeliveryState.SENDING)
        try:
            sent = connected.adapter.read(await self._calls.send(call), connected.settings)
        except Unreachable as error:
            sent = Sent(outcome="retry", reason=error.reason, detail=str(error))
        SENDS.labels(connected.row.provider, sent.outcome).inc()
        if sent.outcome == "retry":
            await self._later(arrival, row, sent)
        else:
            await self._change(row, sent)

    async def _later(self, arrival: Arrival, row: Mapping[str, Any], sent: Sent) -> None:
        """The provider surely did not take it: try again, for ever where only a person can help."""
        text = f"{reasons.sentence(sent.reason)} {sent.detail}".strip()
        if sent.reason == "auth_failed":
            await self._mark(row, DeliveryState.QUEUED)
            raise Waiting(sent.reason, text)
        if arrival.attempts + 1 >= self._max_attempts:
            await self._change(row, msgspec.structs.replace(sent, outcome="refused"))
            return
        await self._mark(row, DeliveryState.QUEUED)
        raise Retry(sent.reason or "provider_error", text, sent.retry_after)

    async def _mark(self, row: Mapping[str, Any], state: DeliveryState) -> None:
        async with self._database.connection() as connection:
            await _change(connection, row, state=state)

    async def _change(self, row: Mapping[str, Any], sent: Sent) -> None:
        """Record what became of a call. A status that was quicker than the answer is not turned back."""
        state = {"accepted": DeliveryState.SENT, "refused": DeliveryState.FAILED}.get(
            sent.outcome, DeliveryState.UNKNOWN
        )
        async with self._database.connection() as connection:
            current = await queries.outbound_for_update(
                connection,
                workspace_id=row["workspace_id"],
                channel_id=row["channel_id"],
                outbound_id=row["outbound_id"],
                provider_id="",
            )
            furthest = max(state, DeliveryState(current["state"]), key=lambda s: s.rank)
            changed = await _change(
                connection,
                current,
                state=furthest,
                provider_ids=list(sent.provider_ids) or current["provider_ids"],
                reason=sent.reason,
                code=sent.code,
                detail=sent.detail,
            )
        if changed["state"] in UNTOLD:
            await self._tell(changed)

    async def _tell(self, row: Mapping[str, Any]) -> None:
        """A note in the conversation: what did not reach the customer, why, and what to do."""
        await self._threads.note(
            row["workspace_id"], row["conversation_id"], f"outbound:{row['outbound_id']}:{row['state']}", note_text(row)
        )

    async def _ended(self, workspace_id: str, conversation_id: str) -> None:
        async with self._database.connection() as connection:
            await queries.end_conversation(connection, workspace_id=workspace_id, conversation_id=conversation_id)


def note_text(row: Mapping[str, Any]) -> str:
    """The note of a message that failed, or of whose fate nobody knows."""
    message = msgspec.convert(row["message"], Outbound)
    text = message.text if len(message.text) <= 80 else f"{message.text[:79]}…"
    what = f"“{text}”" if text else "An attachment"
    if row["state"] == DeliveryState.UNKNOWN:
        fate = "may or may not have reached the customer: the provider did not answer. Leadline does not send it again."
        return f"{what} {fate} Ask the customer, or send it once more yourself."
    code = f" (provider code {row['code']})" if row["code"] else ""
    return f"{what} did not reach the customer: {reasons.sentence(row['reason'])}{code}"


async def _advance(connection: Connection, row: Mapping[str, Any], update: StatusUpdate) -> Mapping[str, Any]:
    """Apply a status unless the message is already further."""
    ids = [*row["provider_ids"]]
    if update.provider_id and update.provider_id not in ids:
        ids.append(update.provider_id)
    if update.state.rank <= DeliveryState(row["state"]).rank:
        return await _change(connection, row, provider_ids=ids)
    return await _change(
        connection,
        row,
        state=update.state,
        provider_ids=ids,
        reason=update.reason,
        code=update.code,
        detail=update.detail,
    )


async def _change(connection: Connection, row: Mapping[str, Any], **changes: Any) -> Mapping[str, Any]:
    changed = dict(row) | changes
    fields = ("workspace_id", "outbound_id", "state", "provider_ids", "reason", "code", "detail")
    await queries.change_outbound(connection, **{name: changed[name] for name in fields})
    return changed


def _arrival(notification: Notification) -> NewArrival:
    conversation = notification.conversation_id
    return NewArrival(
        source="intercom",
        dedupe=notification.id or f"{notification.topic}:{conversation}:{notification.created_at}",
        kind="notification",
        lane=f"conversation:{conversation}" if conversation else f"contact:{notification.contact_id}",
        content=msgspec.json.encode(notification).decode(),
    )

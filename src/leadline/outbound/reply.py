"""Teammate → customer, the way back: what a teammate wrote is handed to `sending.py`, and its reports are heard.

`notifications.py` has kept it; the worker calls `notification` in the conversation's lane, and `status` for reports.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import msgspec
import structlog

from leadline.conversations import Openings, Threads
from leadline.conversations.replies import is_reply
from leadline.engine.lanes import Arrival
from leadline.errors import Retry, Waiting
from leadline.intercom.webhooks import STARTED_BY_ADMIN, Notification, Reply
from leadline.model import StatusUpdate
from leadline.outbound.notes import stuck
from leadline.outbound.outbox import Target
from leadline.outbound.sending import Content, Sending
from leadline.people import Following
from leadline.store.database import Database
from leadline.store.queries import queries

STATUS_WAITS = (2.0, 6.0, 18.0)  # seconds between tries; together longer than a provider may take to answer a send
OPENING_WAIT = 30.0  # the longest pause between looks for a conversation that is being opened
log = structlog.get_logger(__name__)


class ReplyDesk:
    """Everything between what happened in Intercom and the customer's phone."""

    def __init__(
        self,
        database: Database,
        following: Following,
        sending: Sending,
        threads: Threads,
        openings: Openings,
        *,
        bot_replies: bool,
    ) -> None:
        self._database = database
        self._following = following
        self._sending = sending
        self._threads = threads
        self._openings = openings
        self._authors = {"admin", "bot"} if bot_replies else {"admin"}

    async def notification(self, arrival: Arrival) -> None:
        """One thing that happened in Intercom, in the lane of its conversation or contact.

        Changes of contacts are followed. In a conversation of Leadline's, every part that a teammate wrote for the
        customer is sent, once: `sending.py` finds what an earlier try has sent. Raises Retry, Park.
        """
        notification = msgspec.convert(arrival.content, Notification)
        if notification.topic.startswith("contact."):
            await self._following.notified(
                arrival.workspace_id, notification.topic, notification.contact_id, notification.merged_from
            )
            return
        conversation = await self._bridged(arrival, notification)
        if conversation is None:
            return
        if notification.topic == "conversation.deleted":
            await self._ended(arrival.workspace_id, notification.conversation_id)
        for reply in notification.replies:
            if notification.topic == STARTED_BY_ADMIN and reply.part_type == "source":
                continue  # of the conversations Leadline knows, only its own messages begin any
            if await self._is_for_customer(conversation, reply):
                content = Content(
                    text=reply.text, marks=reply.marks, choices=reply.choices, attachments=reply.attachments
                )
                target = _target(conversation)
                await self._sending.send(arrival, target, reply.part_id, content, author=reply.author_name)

    async def status(self, arrival: Arrival) -> None:
        """A provider's word on messages sent: never backwards, and a failure is told in the conversation."""
        update = msgspec.convert(arrival.content, StatusUpdate)
        known = await self._sending.reported(arrival.workspace_id, arrival.channel_id or 0, update)
        if not known and update.until is None:
            self._unknown_status(arrival, update)

    async def _bridged(self, arrival: Arrival, notification: Notification) -> Mapping[str, Any] | None:
        """The conversation where it is Leadline's. A reply may be quicker than the record of the call that opened it:
        then it goes on record now, the reply waits for it, or is told not to be sent.
        """
        key = arrival.workspace_id, notification.conversation_id
        conversation = await self._conversation(*key)
        replies = [reply for reply in notification.replies if is_reply(reply, self._authors)]
        if conversation is not None or not replies:
            return conversation
        whose = await self._openings.claim(*key)
        if whose == "unclear":
            why = "A conversation is being opened, and this reply may belong to it"
            raise Waiting("conversation_not_known_yet", why, _clamped(time.time() - arrival.arrived_at))
        if whose == "stuck":
            for reply in replies:
                await self._threads.note(*key, f"stuck:{key[1]}:{reply.part_id}", stuck(reply.text))
        return await self._conversation(*key) if whose == "ours" else None

    def _unknown_status(self, arrival: Arrival, update: StatusUpdate) -> None:
        """A callback may overtake the answer to its own send; later it is about a message that others sent."""
        if arrival.attempts < len(STATUS_WAITS):
            why = f"No message {update.provider_id} was sent by Leadline yet"
            raise Retry("status_before_send", why, STATUS_WAITS[arrival.attempts])
        log.info("status_of_strangers_message", provider_id=update.provider_id, state=update.state)

    async def _conversation(self, workspace_id: str, conversation_id: str) -> Mapping[str, Any] | None:
        async with self._database.connection() as connection:
            row: Mapping[str, Any] | None = await queries.conversation_by_id(
                connection, workspace_id=workspace_id, conversation_id=conversation_id
            )
        return row

    async def _is_for_customer(self, conversation: Mapping[str, Any], reply: Reply) -> bool:
        if not is_reply(reply, self._authors):
            return False
        async with self._database.connection() as connection:
            own = await queries.is_own_part(
                connection,
                workspace_id=conversation["workspace_id"],
                conversation_id=conversation["conversation_id"],
                part_id=reply.part_id,
            )
        return own is None

    async def _ended(self, workspace_id: str, conversation_id: str) -> None:
        async with self._database.connection() as connection:
            await queries.end_conversation(connection, workspace_id=workspace_id, conversation_id=conversation_id)


def _clamped(age: float) -> float:
    """Seconds until the next look: soon at first, then ever later."""
    return min(max(1.0, age), OPENING_WAIT)


def _target(conversation: Mapping[str, Any]) -> Target:
    fields = ("workspace_id", "channel_id", "handle", "sender", "conversation_id", "contact_id")
    return Target(**{name: conversation[name] for name in fields})

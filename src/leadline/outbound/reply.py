"""Teammate → customer, the way back: what a teammate wrote is handed to `sending.py`, and its reports are heard.

`notifications.py` has kept it; the worker calls `notification` in the conversation's lane, and `status` for reports.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import structlog

from leadline.conversations import Openings, Threads
from leadline.conversations.replies import authors, is_reply
from leadline.engine.lanes import Arrival
from leadline.errors import Lost, Park, Retry, Waiting
from leadline.intercom.webhooks import STARTED_BY_ADMIN, Notification, Reply
from leadline.model import StatusUpdate
from leadline.outbound.crossing import is_elsewhere
from leadline.outbound.notes import given_up, stuck
from leadline.outbound.outbox import Target
from leadline.outbound.planning import Content
from leadline.outbound.sending import Sending
from leadline.people import Following
from leadline.spaces import Book
from leadline.store.database import Database
from leadline.store.queries import queries

STATUS_WAITS = (2.0, 6.0, 18.0)  # seconds between tries; together longer than a provider may take to answer a send
NOT_OURS = "not a conversation of Leadline's"
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
        book: Book,
        max_attempts: int,
    ) -> None:
        self._database = database
        self._following = following
        self._sending = sending
        self._threads = threads
        self._openings = openings
        self._book = book
        self._max_attempts = max_attempts

    async def notification(self, arrival: Arrival) -> str:
        """One thing that happened in Intercom, in the lane of its conversation or contact; says what came of it.

        Changes of contacts are followed. In a conversation of Leadline's, every part that a teammate wrote for the
        customer is sent, once: `sending.py` finds what an earlier try has sent. Raises Retry, Park.
        """
        notification = msgspec.convert(arrival.content, Notification)
        if notification.topic.startswith("contact."):
            return await self._following.notified(
                arrival.workspace_id, notification.topic, notification.contact_id, notification.merged_from
            )
        if notification.topic == "conversation.deleted":
            return await self._ended(arrival.workspace_id, notification.conversation_id)
        conversation = await self._bridged(arrival, notification)
        if isinstance(conversation, str):
            return conversation
        begins = notification.topic == STARTED_BY_ADMIN
        words = [await self._answered(arrival, conversation, reply, begins) for reply in notification.replies]
        return ", ".join(words) or "no word of it is for the customer"

    async def status(self, arrival: Arrival) -> str:
        """A provider's word on messages sent: never backwards, and a failure is told in the conversation."""
        update = msgspec.convert(arrival.content, StatusUpdate)
        word = await self._sending.reported(arrival.workspace_id, arrival.channel_id or 0, update)
        return word or self._unknown_status(arrival, update)

    async def _bridged(self, arrival: Arrival, notification: Notification) -> Mapping[str, Any] | str:
        """The conversation where it is Leadline's, else a word on it. A reply may be quicker than the record of the
        call that opened it: then it goes on record now, the reply waits for it, or is told not to be sent.
        """
        key = arrival.workspace_id, notification.conversation_id
        if conversation := await self._conversation(*key):
            return conversation
        whose = await self._openings.claim(*key)
        if whose == "unclear":
            why = "A conversation is being opened, and this reply may belong to it"
            raise Waiting("conversation_not_known_yet", why, _clamped(arrival.waited))
        if whose == "stuck":
            for reply in notification.replies:
                await self._threads.note(*key, f"stuck:{key[1]}:{reply.part_id}", stuck(reply.text))
            return "not sent, told in the conversation: its first message waits for an operator"
        return await self._conversation(*key) or NOT_OURS

    async def _answered(self, arrival: Arrival, conversation: Mapping[str, Any], reply: Reply, begins: bool) -> str:
        """One part of one of Leadline's conversations. A part that is given up leaves a note there."""
        if begins and reply.part_type == "source":
            return "it began the conversation"  # of those that Leadline knows, only its own messages begin any
        space = self._book.of(conversation["workspace_id"], conversation["channel_id"])
        if not is_reply(reply, authors(bots=space.bot_replies)):
            return f"not for the customer: written by a {reply.author_type or 'stranger'}"
        if await self._is_own(conversation, reply):
            return "written by Leadline itself"
        if space.messenger_answers == "messenger" and is_elsewhere(conversation):
            return "shown in Intercom's Messenger, where the customer wrote last"
        content = Content(
            text=reply.text,
            marks=reply.marks,
            choices=reply.choices,
            attachments=reply.attachments,
            signed=reply.author_type == "admin",
        )
        target = _target(conversation)
        try:
            return await self._sending.send(arrival, target, reply.part_id, content, author=reply.author_name)
        except Exception as error:
            if self._is_given_up(arrival, error):
                owner = f"given up:{target.conversation_id}:{reply.part_id}"
                await self._threads.note(
                    target.workspace_id, target.conversation_id, owner, given_up(reply.text, error)
                )
            raise

    def _is_given_up(self, arrival: Arrival, error: Exception) -> bool:
        """Whether the lane parks it after this."""
        if isinstance(error, Waiting | Lost) or (isinstance(error, Retry) and error.breaker):
            return False
        return isinstance(error, Park) or arrival.attempts + 1 >= self._max_attempts

    def _unknown_status(self, arrival: Arrival, update: StatusUpdate) -> str:
        """A callback may overtake the answer to its own send; later it is about a message that others sent."""
        if update.until is not None:
            return "no message waits for this report"
        if arrival.attempts < len(STATUS_WAITS):
            why = f"No message {update.provider_id} was sent by Leadline yet"
            raise Retry("status_before_send", why, STATUS_WAITS[arrival.attempts])
        log.info("status_of_strangers_message", provider_id=update.provider_id, state=update.state)
        return "about a message that Leadline did not send"

    async def _conversation(self, workspace_id: str, conversation_id: str) -> Mapping[str, Any] | None:
        async with self._database.connection() as connection:
            row: Mapping[str, Any] | None = await queries.conversation_by_id(
                connection, workspace_id=workspace_id, conversation_id=conversation_id
            )
        return row

    async def _is_own(self, conversation: Mapping[str, Any], reply: Reply) -> bool:
        key = {name: conversation[name] for name in ("workspace_id", "conversation_id")}
        async with self._database.connection() as connection:
            return await queries.is_own_part(connection, **key, part_id=reply.part_id) is not None

    async def _ended(self, workspace_id: str, conversation_id: str) -> str:
        async with self._database.connection() as connection:
            ended: int = await queries.end_conversation(
                connection, workspace_id=workspace_id, conversation_id=conversation_id
            )
        return "the customer's next message opens another one" if ended else NOT_OURS


def _clamped(age: float) -> float:
    """Seconds until the next look: soon at first, then ever later."""
    return min(max(1.0, age), OPENING_WAIT)


def _target(conversation: Mapping[str, Any]) -> Target:
    fields = ("workspace_id", "channel_id", "handle", "sender", "conversation_id", "contact_id")
    return Target(**{name: conversation[name] for name in fields})

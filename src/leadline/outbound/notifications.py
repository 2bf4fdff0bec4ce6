"""Intercom's webhooks at the door: verified, sorted by topic, kept before they are answered. `web.py` calls `notified`.

Intercom tries a webhook twice and gives up, so nothing rests on them alone: `conversations/reconciliation.py` and the
directory find what none has brought.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

import msgspec
import structlog

from leadline.channels.exchange import Answer
from leadline.connections.workspaces import Workspaces
from leadline.conversations.replies import arrivals, authors_heard, why_not
from leadline.conversations.restored import Gaps
from leadline.directory import Directory
from leadline.engine.arrival import NewArrival, Raw, storable
from leadline.engine.keep import Keeper
from leadline.errors import LeadlineError, Refused
from leadline.intercom import webhooks
from leadline.intercom.webhooks import USER_REPLIED, Notification
from leadline.outbound.crossing import crossings
from leadline.outbound.topics import PING, REFUSED, Topics
from leadline.spaces import Book
from leadline.store.database import Database
from leadline.store.queries import queries

TOPICS = {
    "conversation.admin.replied",
    "conversation.admin.single.created",
    "conversation.admin.closed",
    "conversation.admin.assigned",
    "conversation.admin.open.assigned",
    "conversation.operator.replied",
    "conversation.user.replied",
    "conversation.deleted",
    "contact.merged",
    "contact.deleted",
    "contact.archived",
    "contact.unarchive",
    "contact.lead.signed_up",
}
CONTACT_NEWS = {
    "contact.user.created",
    "contact.user.updated",
    "contact.lead.created",
    "contact.lead.updated",
    "contact.lead.added_email",
    "contact.lead.signed_up",
    "contact.email.updated",
    "contact.merged",
}
"""Topics that show a contact as it is now: the directory learns it at once, and nothing of them is kept."""
HAPPENINGS = {topic for topic in TOPICS if topic.startswith("contact.")} | {"conversation.deleted"}
log = structlog.get_logger(__name__)


class Notifications:
    """Keeps the work that a webhook asks for, and passes contacts it shows to the directory."""

    def __init__(
        self,
        database: Database,
        keeper: Keeper,
        workspaces: Workspaces,
        directory: Directory,
        *,
        client_secret: str,
        book: Book,
    ) -> None:
        self._database = database
        self._keeper = keeper
        self._workspaces = workspaces
        self._directory = directory
        self._client_secret = client_secret
        self._book = book
        self._topics = Topics(database)
        self._gaps = Gaps(database)

    async def notified(self, body: bytes, headers: Mapping[str, str], url: str) -> Answer:
        """Verify, keep what matters, answer. Raises Refused, Unreadable."""
        await self._verify(body, headers.get("x-hub-signature"))
        notification = webhooks.parse(body)
        if notification.topic in TOPICS | CONTACT_NEWS | {PING}:
            await self._topics.heard(notification.app_id, notification.topic)
        await self._news(notification)
        if notification.topic in TOPICS:
            raw = Raw(channel_id=None, method="POST", url=url, headers=storable(headers), body=body)
            if not await self._workspaces.knows(self._database, notification.app_id):
                if not self._workspaces.ids:
                    log.warning("webhook_without_workspace", workspace=notification.app_id)
                    return Answer()
                await self._keeper.keep(self._workspaces.first.workspace_id, raw, [self._strange(notification)])
            elif kept := await self._kept(notification):
                await self._keeper.keep(notification.app_id, raw, kept)
        return Answer()

    async def _verify(self, body: bytes, signature: str | None) -> None:
        """Raises Refused, and notes it where a workspace of ours is named: its secret may be wrong here."""
        claimed = webhooks.claimed(body)
        try:
            webhooks.verify(body, signature, self._workspaces.secret(claimed, self._client_secret))
        except Refused:
            if signature and claimed in self._workspaces.ids:
                await self._topics.heard(claimed, REFUSED)
            raise

    async def _kept(self, notification: Notification) -> list[NewArrival]:
        """What there is to do about it: each reply for a customer, or what happened to a contact or conversation."""
        if notification.topic == USER_REPLIED:
            return crossings(notification) if notification.typed and await self._is_bridged(notification) else []
        if notification.topic not in HAPPENINGS:
            return await self._replies(notification)
        erases = notification.topic == "contact.deleted" and self._book.of(notification.app_id).erase_deleted
        erasing = erases and notification.contact_id
        return [_arrival(notification), *([_erasure(notification.contact_id)] if erasing else [])]

    async def _replies(self, notification: Notification) -> list[NewArrival]:
        """Each reply for a customer. One that may have been sent although it is not on record waits for a person."""
        heard, gap = authors_heard(self._book, notification.app_id), await self._gaps.of(notification.app_id)
        found = list[NewArrival]()
        for part in notification.replies:
            kept = arrivals(msgspec.structs.replace(notification, replies=(part,)), heard)
            why = why_not(part, time.time(), gap) and why_not(part, await self._now(notification.app_id), gap)
            if why and kept and await self._is_bridged(notification):
                kept = [msgspec.structs.replace(each, reason="old_reply", explanation=why) for each in kept]
            found += kept
        return found

    async def _now(self, workspace_id: str) -> float:
        """Unix time by Intercom's clock, as its parts are dated; by ours while Intercom is away."""
        try:
            return await (await self._workspaces.get(workspace_id)).client.time()
        except LeadlineError:
            return time.time()

    async def _is_bridged(self, notification: Notification) -> bool:
        key = {"workspace_id": notification.app_id, "conversation_id": notification.conversation_id}
        async with self._database.connection() as connection:
            return await queries.conversation_by_id(connection, **key) is not None

    async def _news(self, notification: Notification) -> None:
        if notification.topic not in CONTACT_NEWS or notification.contact is None:
            return
        if await self._workspaces.knows(self._database, notification.app_id):
            await self._directory.heard(notification.app_id, notification.contact)

    def _strange(self, notification: Notification) -> NewArrival:
        """Once for each strange workspace, where the operator looks: its replies reach nobody."""
        log.warning("webhook_of_another_workspace", workspace=notification.app_id)
        return msgspec.structs.replace(
            _arrival(notification),
            dedupe=f"workspace:{notification.app_id}",
            reason="other_workspace",
            explanation=(
                f"Intercom sends webhooks of workspace {notification.app_id} here, which is not connected, so replies "
                f"written there reach nobody. {self._workspaces.in_words}. Connect it with `leadline workspace "
                "connect`, or remove this address from its app's webhooks. Later ones are not listed again"
            ),
        )


def _erasure(contact_id: str) -> NewArrival:
    """What `privacy/deletions.py` does later about a contact that is gone, once for each."""
    name = f"erasure:{contact_id}"
    content = msgspec.json.encode({"contact_id": contact_id}).decode()
    return NewArrival(source="intercom", dedupe=name, kind="erasure", lane=name, content=content)


def _arrival(notification: Notification) -> NewArrival:
    conversation = notification.conversation_id
    return NewArrival(
        source="intercom",
        dedupe=notification.id or f"{notification.topic}:{conversation}:{notification.created_at}",
        kind="notification",
        lane=f"conversation:{conversation}" if conversation else f"contact:{notification.contact_id}",
        content=msgspec.json.encode(msgspec.structs.replace(notification, contact=None)).decode(),
    )

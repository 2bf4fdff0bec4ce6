"""Intercom's webhooks: whether one is Intercom's, and what it says.

Called by `outbound/notifications.py`. Pure: no network, no clock.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import msgspec

from leadline.errors import Refused, Unreadable
from leadline.intercom.contacts import Contact
from leadline.intercom.contacts import read as read_contact
from leadline.intercom.parts import Part, read_part, read_parts, read_source
from leadline.intercom.wire import items, mapping, seconds, text
from leadline.model import Struct
from leadline.model.storable import without_nul

Reply = Part

STARTED_BY_ADMIN = "conversation.admin.single.created"
NOTED = "conversation.admin.noted"
USER_REPLIED = "conversation.user.replied"


class Notification(Struct, frozen=True, kw_only=True):
    """One webhook of Intercom.

    id: Intercom's `notif_…`, the key against repeats; empty for a ping. app_id: the workspace.
    contact_ids: the people of the conversation, or the one contact of a contact topic.
    replies: what the workspace's side wrote for the customer, bots included, oldest first. Notes and the customer's
    own messages, which come back as echoes, are not among them.
    typed: what the customer wrote in Intercom's own Messenger, and no app on their behalf.
    merged_from: the contact that went into `contact_ids[0]`; None where Intercom does not tell.
    contact: the contact itself, where a contact topic shows it whole.
    """

    id: str
    topic: str
    app_id: str
    created_at: float
    conversation_id: str = ""
    contact_ids: tuple[str, ...] = ()
    replies: tuple[Reply, ...] = ()
    typed: tuple[Part, ...] = ()
    merged_from: str | None = None
    state: str = ""
    contact: Contact | None = None

    @property
    def contact_id(self) -> str:
        """The first contact; empty when the webhook names none."""
        return self.contact_ids[0] if self.contact_ids else ""


def claimed(body: bytes) -> str:
    """The workspace that a webhook says it is of, before it is believed; empty where it says none."""
    try:
        return text(mapping(msgspec.json.decode(body)).get("app_id"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""


def verify(body: bytes, header: str | None, secret: str) -> None:
    """Raise Refused unless `X-Hub-Signature` is `sha1=` and the HMAC-SHA1 of the raw body under the client secret.

    Source: Intercom's webhook documentation, read September 2026.
    """
    if not secret:
        raise Refused("LEADLINE_INTERCOM_CLIENT_SECRET is not set, so Leadline cannot verify Intercom's webhooks")
    if not header:
        raise Refused("The request has no X-Hub-Signature header: it is not from Intercom")
    expected = "sha1=" + hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()
    if not hmac.compare_digest(expected.encode(), header.strip().encode(errors="surrogatepass")):
        raise Refused(
            "X-Hub-Signature does not match the body: LEADLINE_INTERCOM_CLIENT_SECRET must be the client secret "
            "of the app whose webhooks come here"
        )


def parse(body: bytes) -> Notification:
    """Read a believed webhook; raises Unreadable. Topics that Leadline does not know are read all the same."""
    try:
        envelope = mapping(msgspec.json.decode(without_nul(body)))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unreadable(f"Intercom's webhook is no JSON: {error}") from None
    topic, item = text(envelope.get("topic")), mapping(mapping(envelope.get("data")).get("item"))
    if not topic or not item:
        raise Unreadable("Intercom's webhook has no topic or no data.item")
    return _notification(envelope, topic, item)


def _notification(envelope: dict[str, Any], topic: str, item: dict[str, Any]) -> Notification:
    return Notification(
        id=text(envelope.get("id")),
        topic=topic,
        app_id=text(envelope.get("app_id")),
        created_at=seconds(envelope.get("created_at")),
        conversation_id=_conversation_id(topic, item),
        contact_ids=_contact_ids(topic, item),
        replies=tuple(part for part in _parts(topic, item) if part.for_customer) if _brings_news(topic) else (),
        typed=tuple(part for part in _parts(topic, item) if _is_typed(part)) if topic == USER_REPLIED else (),
        merged_from=text(mapping(item.get("merged_from")).get("id")) or None,
        state=text(item.get("state")),
        contact=read_contact(item) if topic.startswith("contact.") else None,
    )


def _is_typed(part: Part) -> bool:
    return part.by_contact and part.has_content and not (part.from_api or part.redacted)


def _brings_news(topic: str) -> bool:
    """Whether the parts may be new to the customer; topics on a part (redacted, tagged) show one that is old."""
    return topic.startswith("conversation.") and topic != NOTED


def _parts(topic: str, item: dict[str, Any]) -> tuple[Part, ...]:
    """Everything written that the notification is about: the source only where that is the news."""
    if item.get("type") == "conversation_part":
        return (read_part(item),)
    source = read_source(item) if topic == STARTED_BY_ADMIN else None
    listed = tuple(part for part in read_parts(item) if not source or part.part_id != source.part_id)
    return (source, *listed) if source else listed


def _conversation_id(topic: str, item: dict[str, Any]) -> str:
    if topic.startswith("conversation."):
        return text(item.get("id")) or text(item.get("conversation_id"))
    return text(item.get("conversation_id")) or text(mapping(item.get("conversation")).get("id"))


def _contact_ids(topic: str, item: dict[str, Any]) -> tuple[str, ...]:
    if topic.startswith("contact."):
        return tuple(filter(None, (text(item.get("id")),)))
    listed = items(mapping(item.get("contacts")).get("contacts"))
    return tuple(filter(None, (text(contact.get("id")) for contact in listed)))

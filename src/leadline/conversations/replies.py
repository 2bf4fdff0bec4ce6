"""A teammate's part as an arrival: the same, whether a webhook or a look at the conversation has brought it.

`outbound/notifications.py` keeps those of webhooks, `reconciliation.py` those that no webhook brought.
"""

from __future__ import annotations

from collections.abc import Container

import msgspec

from leadline.conversations.restored import CLOCKS, Gap
from leadline.engine.arrival import NewArrival
from leadline.identity.words import counted
from leadline.intercom.parts import Part
from leadline.intercom.webhooks import Notification
from leadline.spaces import Book

LONGEST = 86_400.0
"""Seconds after which a teammate's reply is not sent by itself any more, whatever brings it."""
GONE_BY = (
    "A webhook of Intercom brought this reply {when}, and Leadline has no record of it. It may have reached the "
    "customer already, so it was not sent. If it did not, try it again: then it goes out."
)


def authors_heard(book: Book, workspace_id: str) -> frozenset[str]:
    """Kinds of authors whose words are kept: those of bots where any channel sends them."""
    channels = (0, *book.channels(workspace_id))
    return authors(bots=any(book.of(workspace_id, channel).bot_replies for channel in channels))


def authors(*, bots: bool) -> frozenset[str]:
    """Kinds of authors whose words are sent to customers."""
    return frozenset({"admin", "bot"} if bots else {"admin"})


def is_reply(part: Part, authors: Container[str]) -> bool:
    """Whether it is for the customer. authors: kinds of authors whose words are sent (`admin`, `bot`)."""
    return part.author_type in authors and part.for_customer


def arrivals(notification: Notification, authors: Container[str]) -> list[NewArrival]:
    """One for each reply, however many webhooks tell of it: a part can stand under two topics."""
    return [
        NewArrival(
            source="intercom",
            dedupe=f"part:{notification.conversation_id}:{part.part_id}",
            kind="notification",
            lane=f"conversation:{notification.conversation_id}",
            content=msgspec.json.encode(msgspec.structs.replace(notification, replies=(part,))).decode(),
        )
        for part in notification.replies
        if is_reply(part, authors)
    ]


def why_not(part: Part, now: float, gap: Gap | None) -> str:
    """Why a reply that a webhook brings is left to a person; empty where it is not. now: unix seconds.

    Intercom gives a webhook up within minutes. One that comes later than a day is a repetition, perhaps of a reply
    whose record was purged. What was written between a backup and its restore may have been sent in that time.
    """
    if part.created_at and now - part.created_at > LONGEST:
        return GONE_BY.format(when=f"{counted(round((now - part.created_at) / 86_400), 'day')} after it was written")
    if part.created_at and gap and gap.since - CLOCKS < part.created_at < gap.until:
        return GONE_BY.format(when="that was written before the database was restored from a backup")
    return ""

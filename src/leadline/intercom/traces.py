"""The traces of writes whose answer was lost: is there a part, a note, a conversation that one of them made?

`conversations/threads.py` looks for them before it writes again. All functions may raise what Client.call raises.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Container

from leadline.intercom.client import Client
from leadline.intercom.conversations import Conversation, get_conversation, of_contact, read
from leadline.intercom.outcomes import following, listed
from leadline.intercom.parts import Part
from leadline.intercom.plaintext import same_text

_WHOLE = 1.0
"""Seconds by which a time of Intercom may stand before its moment: they are whole ones, cut off."""
_PAGE = 150
_MAX_PAGES = 20


async def find_reply(
    client: Client, conversation_id: str, contact_id: str, body: str, *, since: float, known: Container[str]
) -> str | None:
    """The part that a reply with a lost answer made, or None: the oldest of this contact with the same text.

    since: Intercom's time before the attempt (`Client.time`). known: ids of parts that belong to other messages.
    """
    conversation = await get_conversation(client, conversation_id)
    if not conversation:
        return None
    return next(
        (
            part.part_id
            for part in conversation.parts
            if part.author_id == contact_id and part.part_id not in known and _matches(part, body, since)
        ),
        None,
    )


async def find_note(client: Client, conversation_id: str, body: str, *, since: float) -> str | None:
    """The note that a `note` with a lost answer made, or None. since: as in `find_reply`."""
    conversation = await get_conversation(client, conversation_id)
    notes = (part for part in conversation.parts if part.is_note) if conversation else ()
    return next(
        (note.part_id for note in notes if note.created_at > since - _WHOLE and same_text(note.text, body)), None
    )


async def find_conversation(
    client: Client, contact_id: str, body: str, *, since: float, known: Container[str]
) -> str | None:
    """The conversation that an `open_conversation` with a lost answer made, or None.

    Reads the list first, which is immediate but holds everybody's conversations, back to `since`; then the search by
    contact, which can lag for minutes. since, known: as in `find_reply`, for conversations.
    """
    async for found in _beginnings(client, contact_id, since):
        if found.conversation_id not in known and begins_with(found, body, since=since, by_contact=True):
            return found.conversation_id
    return None


async def find_begun(
    client: Client, contact_id: str, body: str, *, since: float, known: Container[str]
) -> tuple[str, str] | None:
    """Conversation and message that a `begin_conversation` with a lost answer made, or None; as `find_conversation`."""
    async for found in _beginnings(client, contact_id, since):
        if found.conversation_id not in known and begins_with(found, body, since=since, by_contact=False):
            return found.conversation_id, found.source.part_id if found.source else ""
    return None


def begins_with(conversation: Conversation, body: str, *, since: float, by_contact: bool) -> bool:
    """Whether a conversation begins with this text, written by its contact or else by a teammate. since: as above."""
    first = conversation.source
    if first is None or first.created_at <= since - _WHOLE or not same_text(first.text, body):
        return False
    return first.by_contact if by_contact else first.author_type == "admin"


def _matches(part: Part, body: str, since: float) -> bool:
    return part.by_contact and part.created_at > since - _WHOLE and same_text(part.text, body)


async def _beginnings(client: Client, contact_id: str, since: float) -> AsyncIterator[Conversation]:
    """A contact's conversations with their first messages, from the list and then from the search."""
    for listing in (_list_since(client, since - _WHOLE), _search(client, contact_id)):
        async for conversation in listing:
            first = conversation.source
            if first and contact_id in (first.author_id, *conversation.contact_ids):
                yield conversation


async def _list_since(client: Client, since: float) -> AsyncIterator[Conversation]:
    """All conversations, newest first, up to the page on which everything is older than `since`."""
    params = {"per_page": str(_PAGE)}
    for _ in range(_MAX_PAGES):
        answer = await client.call("GET", "/conversations", params=params)
        page = [read(raw) for raw in listed(answer, "conversations")]
        for conversation in page:
            yield conversation
        after = following(answer, params.get("starting_after", ""))
        if not after or all(_last_change(each) < since for each in page):
            return
        params = {"per_page": str(_PAGE), "starting_after": after}


async def _search(client: Client, contact_id: str) -> AsyncIterator[Conversation]:
    async for raw in of_contact(client, contact_id):
        yield read(raw)


def _last_change(conversation: Conversation) -> float:
    return max(conversation.created_at, conversation.updated_at)

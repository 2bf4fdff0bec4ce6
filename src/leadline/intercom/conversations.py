"""Conversations in Intercom: opening them, appending messages and notes, and looking up what a lost answer did.

Called by `conversations` and `outbound/file_links.py`. All functions may raise what Client.call raises.
"""

from __future__ import annotations

import asyncio
import html
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from typing import Any

from leadline.errors import Park
from leadline.intercom import contacts
from leadline.intercom.client import Client
from leadline.intercom.clock import Clock
from leadline.intercom.outcomes import IntercomError, Merged, NotFound, OutcomeUnknown, Unavailable, following, listed
from leadline.intercom.parts import Part, read_parts, read_source
from leadline.intercom.plaintext import same_text
from leadline.intercom.routes import path
from leadline.intercom.wire import items, mapping, seconds, text
from leadline.model import Attachment, Candidate, Role, Struct

FILES = 10
"""Files of one reply (POST /conversations/{id}/reply, API 2.16)."""
_PAGE = 150
_YOUNG = 60.0
_DELAYS = (0.5, 1.0, 2.0, 4.0)


class File(Struct, frozen=True):
    """A file to append, whole."""

    name: str
    content_type: str
    content: bytes


class Conversation(Struct, frozen=True, kw_only=True):
    """One conversation. `state`: open, closed or snoozed. `source`: its first message. `parts`: the newest 500."""

    conversation_id: str
    state: str
    contact_ids: tuple[str, ...]
    created_at: float
    updated_at: float
    source: Part | None
    parts: tuple[Part, ...]


async def of_contact(client: Client, contact_id: str) -> AsyncIterator[dict[str, Any]]:
    """All conversations of a contact as Intercom's search writes them, as far as it knows them: it lags by minutes."""
    query = {"field": "contact_ids", "operator": "=", "value": contact_id}
    after = ""
    while True:
        pagination = {"per_page": _PAGE} | ({"starting_after": after} if after else {})
        answer = await client.call("POST", "/conversations/search", body={"query": query, "pagination": pagination})
        for raw in listed(answer, "conversations"):
            yield raw
        if not (after := following(answer, after)):
            return


async def open_conversation(client: Client, contact: Candidate, body: str, attachment_urls: Sequence[str] = ()) -> str:
    """Start a conversation as this contact; returns its id.

    After a refusal the contact is read again once. When its role has changed, the new one is tried; when it is less
    than a minute old, conversations may not know it yet and 404 is tried again for 7.5 s. Raises Merged with the
    survivor when it was merged, NotFound when it is gone, OutcomeUnknown when the conversation may exist.
    Source: POST /conversations, API 2.16.
    """
    try:
        return await _open(client, contact.contact_id, contact.role, body, attachment_urls)
    except IntercomError as refused:
        if refused.status not in {400, 404, 422}:
            raise
        current = await _current(client, contact.contact_id, refused)
        waits = _waits(refused, contact.role, current, client.clock)
        if not waits:
            raise
    for wait in waits[:-1]:
        await asyncio.sleep(wait)
        with suppress(NotFound):
            return await _open(client, contact.contact_id, current.role, body, attachment_urls)
    await asyncio.sleep(waits[-1])
    return await _open(client, contact.contact_id, current.role, body, attachment_urls)


async def begin_conversation(client: Client, admin_id: str, contact: Candidate, body: str) -> tuple[str, str]:
    """Start a conversation with a message of a teammate; returns its id and the message's.

    Intercom makes no conversation of a teammate's first message before the answer unless it is asked to. Source: POST
    /messages, API 2.16.
    """
    fields = {
        "message_type": "in_app",
        "body": body,
        "from": {"type": "admin", "id": admin_id},
        "to": {"type": contact.role.value, "id": contact.contact_id},
        "create_conversation_without_contact_reply": True,
    }
    answer = await client.call("POST", "/messages", body=fields)
    conversation_id, part_id = text(answer.get("conversation_id")), text(answer.get("id"))
    if not conversation_id:
        raise OutcomeUnknown("Intercom took a message but did not tell which conversation it began")
    return conversation_id, part_id


async def reply(client: Client, conversation_id: str, contact_id: str, body: str, files: Sequence[File] = ()) -> str:
    """Append a message of the contact; returns the part's id. Opens a closed or snoozed conversation again.

    Raises NotFound when the conversation is deleted, Park when there are more than 10 files. Source:
    POST /conversations/{id}/reply, API 2.16, where `type` is `user` for leads too.
    """
    if len(files) > FILES:
        raise Park(
            "too_many_files",
            f"A message has {len(files)} files, but Intercom takes {FILES}. Send them in several messages.",
        )
    fields: dict[str, Any] = {
        "message_type": "comment",
        "type": "user",
        "intercom_user_id": contact_id,
        "body": body,
    }
    if files:
        fields["attachment_files"] = [
            {"name": file.name, "content_type": file.content_type, "data": file.content} for file in files
        ]
    answer = await client.call("POST", path("/conversations/{}/reply", conversation_id), body=fields)
    return _new_part(answer, lambda part: part.by_contact, body)


async def note(client: Client, conversation_id: str, admin_id: str, body: str) -> str:
    """Leave a note that only teammates see; returns the part's id. `body` is plain text, escaped here."""
    fields = {
        "message_type": "note",
        "type": "admin",
        "admin_id": admin_id,
        # Without a tag around it Intercom takes the text for plain, and shows the escapes.
        "body": f"<p>{html.escape(body, quote=False).replace(chr(10), '<br>')}</p>",
    }
    answer = await client.call("POST", path("/conversations/{}/reply", conversation_id), body=fields)
    return _new_part(answer, lambda part: part.is_note, body)


async def tag(client: Client, conversation_id: str, tag_name: str, admin_id: str) -> None:
    """Tag a conversation, making the tag when the workspace has none of that name."""
    remembered = client.tag_ids.get(tag_name)
    route = path("/conversations/{}/tags", conversation_id)
    try:
        tag_id = remembered or await _tag_id(client, tag_name)
        await client.call("POST", route, body={"id": tag_id, "admin_id": admin_id})
    except NotFound:
        client.tag_ids.pop(tag_name, None)
        if not remembered or await _tag_id(client, tag_name) == remembered:
            raise
        # Somebody deleted the tag since we learnt its id.
        await client.call("POST", route, body={"id": client.tag_ids[tag_name], "admin_id": admin_id})


async def get_conversation(client: Client, conversation_id: str) -> Conversation | None:
    """The conversation with its parts as plain text; None when it is deleted.

    Raises Unavailable where the answer is no conversation: whoever looks for a lost write must not take that for none.
    """
    try:
        raw = await client.call("GET", path("/conversations/{}", conversation_id))
    except NotFound:
        return None
    if not text(raw.get("id")) or not isinstance(raw.get("conversation_parts"), dict):
        raise Unavailable(f"Intercom answered without conversation {conversation_id}; it will be tried again")
    return read(raw)


async def refresh_attachments(client: Client, conversation_id: str, part_id: str) -> tuple[Attachment, ...]:
    """The files of a part with fresh addresses, as the old ones expire after 30 minutes; empty when it is gone."""
    conversation = await get_conversation(client, conversation_id)
    everything = (conversation.source, *conversation.parts) if conversation else ()
    return next((part.attachments for part in everything if part and part.part_id == part_id), ())


async def _open(client: Client, contact_id: str, role: Role, body: str, urls: Sequence[str]) -> str:
    fields: dict[str, Any] = {"from": {"type": role.value, "id": contact_id}, "body": body}
    if urls:
        fields["attachment_urls"] = list(urls)
    conversation_id = text((await client.call("POST", "/conversations", body=fields)).get("conversation_id"))
    if not conversation_id:
        raise OutcomeUnknown("Intercom took a new conversation but did not tell its id; it is looked up")
    return conversation_id


def _waits(refused: IntercomError, role: Role, current: contacts.Contact, clock: Clock) -> tuple[float, ...]:
    """Seconds before each further attempt to open a conversation; none when there is no hope in one."""
    at_once = (0.0,) if current.role != role else ()
    young = refused.status == 404 and clock.now() - current.created_at < _YOUNG
    return at_once + (_DELAYS if young else ())


async def _current(client: Client, contact_id: str, refused: IntercomError) -> contacts.Contact:
    current = await contacts.get(client, contact_id)
    if not current:
        raise NotFound(404, "not_found", f"contact {contact_id} is gone", refused.request_id)
    if current.contact_id != contact_id:
        merged = Merged(410, "contact_merged", f"contact {contact_id} was merged into another", refused.request_id)
        merged.canonical_id = current.contact_id
        raise merged
    return current


def _new_part(answer: dict[str, Any], mine: Callable[[Part], bool], body: str) -> str:
    """Id of the part that a call made, out of the conversation it returned, where others may have written meanwhile."""
    own = [part for part in read_parts(answer) if mine(part)]
    exact = [part for part in own if same_text(part.text, body)]
    if not own:
        raise OutcomeUnknown("Intercom took a message but did not return it; it is looked up")
    return (exact or own)[-1].part_id


async def _tag_id(client: Client, name: str) -> str:
    if name not in client.tag_ids:
        there = listed(await client.call("GET", "/tags"), "data")
        same = (text(item.get("id")) for item in there if text(item.get("name")).casefold() == name.casefold())
        found = next(same, "") or text((await client.call("POST", "/tags", body={"name": name})).get("id"))
        if not found:
            raise OutcomeUnknown(f"Intercom did not tell the id of the tag '{name}'")
        client.tag_ids[name] = found
    return client.tag_ids[name]


def read(raw: dict[str, Any]) -> Conversation:
    """A conversation as lists, searches and single reads show it."""
    listed = items(mapping(raw.get("contacts")).get("contacts"))
    return Conversation(
        conversation_id=text(raw.get("id")),
        state=text(raw.get("state")),
        contact_ids=tuple(text(contact.get("id")) for contact in listed),
        created_at=seconds(raw.get("created_at")),
        updated_at=seconds(raw.get("updated_at")),
        source=read_source(raw),
        parts=read_parts(raw),
    )

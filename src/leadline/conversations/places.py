"""Where a conversation belongs: whose it is, on which channel. On record with the write that opened or continued it."""

from __future__ import annotations

from leadline.model import Struct
from leadline.store.database import Connection
from leadline.store.queries import queries


class Place(Struct, frozen=True, kw_only=True):
    """What is known of a conversation before Intercom has named it.

    sender, reply_ref: the raw address and reference that replies go to. at: unix seconds of the customer's message;
    None where a teammate began.
    """

    handle: str
    channel_id: int
    contact_id: str
    sender: str
    reply_ref: str = ""
    at: float | None = None


async def know(connection: Connection, workspace_id: str, conversation_id: str, place: Place) -> None:
    """Remember the conversation, and the address replies go to. What the sender had with others has ended; this one
    has, where a teammate gave the sender to somebody else while the message was on its way.
    """
    key = {"workspace_id": workspace_id, "handle": place.handle}
    conversation = {"conversation_id": conversation_id, "channel_id": place.channel_id}
    whole = key | conversation | {"contact_id": place.contact_id, "sender": place.sender}
    await queries.hold_place(connection, **key)
    if place.at is None:
        await queries.begin_conversation(connection, **whole)
        return
    elsewhere = await queries.is_elsewhere(connection, **key, contact_id=place.contact_id) is not None
    if not elsewhere:
        await queries.yield_place(connection, **key, **conversation)
    await queries.know_conversation(connection, **whole, ended=elsewhere, reply_ref=place.reply_ref, at=place.at)

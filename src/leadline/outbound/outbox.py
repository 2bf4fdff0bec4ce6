"""Outbound messages as rows: planned once, `sending` before the call, never turned back. `sending.py` works on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from psycopg.types.json import Jsonb

from leadline.engine.holds import HOLD
from leadline.errors import Lost, Retry
from leadline.model import DeliveryState, Outbound, Sent, StatusUpdate, Struct
from leadline.store.database import Connection, Database
from leadline.store.queries import queries

Row = Mapping[str, Any]
FRESH = 50.0  # seconds a provider takes a reference to the customer's message; LINE says a minute
QUOTABLE = 500  # messages of a conversation among which a quoted one is looked for
UNTOLD = (DeliveryState.FAILED, DeliveryState.UNKNOWN)  # the customer may have nothing: the teammates get a note


class Target(Struct, frozen=True, kw_only=True):
    """Where an outbound message goes: which customer on which channel, and the conversation it belongs to."""

    workspace_id: str
    channel_id: int
    handle: str
    sender: str
    conversation_id: str = ""
    contact_id: str = ""


class Outbox:
    """The rows of outbound messages. One row is one piece: one call that may reach the customer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_part(self, target: Target, part_id: str) -> list[Row]:
        """The pieces of a message, as far as they were planned."""
        async with self._database.connection() as connection:
            return [row async for row in queries.outbound_of_part(connection, **_part(target, part_id))]

    async def plan(self, target: Target, part_id: str, pieces: Sequence[Outbound], author: str) -> list[Row]:
        """Remember the pieces of a message, before the first one is sent."""
        async with self._database.connection() as connection:
            for number, message in enumerate(pieces):
                await queries.queue_outbound(
                    connection,
                    **_part(target, part_id),
                    outbound_id=message.id,
                    piece=number,
                    channel_id=target.channel_id,
                    message=Jsonb(msgspec.to_builtins(message)),
                    author=author,
                    handle=target.handle,
                    contact_id=target.contact_id,
                )
            return [row async for row in queries.outbound_of_part(connection, **_part(target, part_id))]

    async def transcript(self, target: Target, count: int = QUOTABLE) -> list[Row]:
        """What both sides said in a conversation: `number` (the provider's id), `text`, `ref`; the latest first."""
        key = {name: getattr(target, name) for name in ("workspace_id", "conversation_id", "channel_id")}
        async with self._database.connection() as connection:
            return [row async for row in queries.said_in(connection, **key, count=count)]

    async def last_written(self, target: Target) -> Row | None:
        """The customer's last message in a conversation: `number` (the provider's id) and `ref`."""
        key = {name: getattr(target, name) for name in ("workspace_id", "conversation_id", "channel_id")}
        async with self._database.connection() as connection:
            row: Row | None = await queries.last_written(connection, **key)
        return row

    async def begin(self, row: Row, *, again: bool) -> None:
        """On record before the call that may reach the customer. again: a call before it may have, too.

        Raises Lost where the lane is another worker's by now, Retry where another try or a report was quicker.
        """
        hold, expected = HOLD.get(), [DeliveryState.QUEUED, *([DeliveryState.SENDING] if again else [])]
        lane, epoch = (hold.lane, hold.epoch) if hold else ("", 0)
        async with self._database.connection() as connection:
            found = await queries.begin_outbound(connection, **_key(row), expected=expected, lane=lane, epoch=epoch)
        if not found["held"]:
            raise Lost("Another worker has taken the lane")
        if not found["taken"]:
            raise Retry("send_under_way", "Another try of this message was quicker", 0.5)

    async def requeue(self, row: Row) -> None:
        """The provider surely has nothing of it."""
        async with self._database.connection() as connection:
            await queries.requeue_outbound(connection, **_key(row))

    async def reword(self, row: Row, message: Outbound) -> Row:
        """Store what was renewed in a message before it is sent."""
        async with self._database.connection() as connection:
            await queries.reword_outbound(
                connection,
                workspace_id=row["workspace_id"],
                outbound_id=row["outbound_id"],
                message=Jsonb(msgspec.to_builtins(message)),
            )
        return dict(row) | {"message": msgspec.to_builtins(message)}

    async def take_reply_ref(self, row: Row) -> str:
        """The reference to the customer's last message: once, while it is fresh, else empty."""
        async with self._database.connection() as connection:
            found = await queries.take_reply_ref(
                connection, workspace_id=row["workspace_id"], conversation_id=row["conversation_id"], fresh=FRESH
            )
        return str(found["reply_ref"]) if found else ""

    async def given_before(self, row: Row) -> bool:
        """Whether anything else was given to the customer on the channel."""
        key = {name: row[name] for name in ("workspace_id", "channel_id", "outbound_id")}
        async with self._database.connection() as connection:
            found = await queries.given_before(connection, **key, sender=row["message"]["to"])
        return bool(found["given"])

    async def wrote_lately(self, target: Target, author: str, span: float | None) -> bool:
        """Whether words of this teammate went out in the conversation within so many seconds, or ever."""
        async with self._database.connection() as connection:
            row = await queries.wrote_lately(
                connection,
                workspace_id=target.workspace_id,
                conversation_id=target.conversation_id,
                author=author,
                span=span,
            )
        return row is not None

    async def stop(self, rows: Sequence[Row], reason: str) -> list[Row]:
        """These pieces are not given to the provider."""
        async with self._database.connection() as connection:
            return [
                await _change(connection, row, state=DeliveryState.FAILED, reason=reason, stopped=True) for row in rows
            ]

    async def settle(self, row: Row, sent: Sent) -> Row:
        """Record what became of a call. A status that was quicker than the answer is not turned back."""
        async with self._database.connection() as connection:
            current = await queries.outbound_for_update(
                connection,
                workspace_id=row["workspace_id"],
                channel_id=row["channel_id"],
                outbound_id=row["outbound_id"],
                provider_id="",
            )
            return await _change(connection, current, **settled(current, sent))

    async def advance(self, workspace_id: str, channel_id: int, update: StatusUpdate) -> list[Row]:
        """Apply a provider's word to the message it names, or to all that its watermark covers; returns them."""
        key = {"workspace_id": workspace_id, "channel_id": channel_id}
        async with self._database.connection() as connection:
            if update.until is not None:
                rows = [
                    row
                    async for row in queries.outbound_until(
                        connection, **key, sender=update.sender, until=float(update.until)
                    )
                ]
            else:
                found = await queries.outbound_for_update(
                    connection, **key, outbound_id=update.outbound_id, provider_id=update.provider_id
                )
                rows = [found] if found else []
            return [await _change(connection, row, **advanced(row, update)) for row in rows]

    async def recent(
        self, workspace_id: str, *, conversation_id: str = "", contact_id: str = "", count: int
    ) -> list[Row]:
        """The pieces of a conversation, or of a contact, newest first."""
        async with self._database.connection() as connection:
            if conversation_id:
                query, value = queries.outbound_of_conversation, {"conversation_id": conversation_id}
            else:
                query, value = queries.outbound_of_contact, {"contact_id": contact_id}
            return [row async for row in query(connection, workspace_id=workspace_id, **value, count=count)]


def message_of(row: Row) -> Outbound:
    """The message of a row."""
    return msgspec.convert(row["message"], Outbound)


def _key(row: Row) -> dict[str, Any]:
    return {name: row[name] for name in ("workspace_id", "outbound_id")}


def _part(target: Target, part_id: str) -> dict[str, Any]:
    return {"workspace_id": target.workspace_id, "conversation_id": target.conversation_id, "part_id": part_id}


def settled(row: Row, sent: Sent) -> dict[str, Any]:
    """What an answer changes in a row; the reason stays where an earlier report says more."""
    answered = {"accepted": DeliveryState.SENT, "refused": DeliveryState.FAILED}.get(sent.outcome)
    each = dict.fromkeys(sent.provider_ids, DeliveryState.SENT.value)
    if each and sent.outcome == "refused":
        each[""] = DeliveryState.FAILED.value  # the part that was not taken has no number of the provider's
    parts = (each if len(each) > 1 else {}) | row["parts"]
    state = _furthest(answered or DeliveryState.UNKNOWN, row["state"]) if len(parts) < 2 else together(parts)
    told = state == (answered or DeliveryState.UNKNOWN)
    return {
        "state": state,
        "provider_ids": list(dict.fromkeys((*sent.provider_ids, *row["provider_ids"]))),
        "parts": parts,
        "quote_ref": sent.quote_ref or row["quote_ref"],
        **({"reason": sent.reason, "code": sent.code, "detail": sent.detail} if told else {}),
    }


def advanced(row: Row, update: StatusUpdate) -> dict[str, Any]:
    """What a report changes in a row, which never goes back."""
    ids, parts = row["provider_ids"], row["parts"]
    if number := update.provider_id:
        ids = list(dict.fromkeys((*ids, number)))
        parts = parts | {number: _furthest(update.state, parts.get(number, DeliveryState.QUEUED))}
    state = _furthest(update.state, row["state"]) if len(parts) < 2 else together(parts)
    told = state != row["state"]
    return {
        "state": state,
        "provider_ids": ids,
        "parts": parts,
        **({"reason": update.reason, "code": update.code, "detail": update.detail} if told else {}),
    }


def together(parts: Mapping[str, str]) -> DeliveryState:
    """The state of a message that its provider counts as several: failed with the first, else as far as the last."""
    states = [DeliveryState(part) for part in parts.values()]
    if DeliveryState.FAILED in states:
        return DeliveryState.FAILED
    return _furthest(DeliveryState.SENT, min(states, key=lambda state: state.rank))


def _furthest(one: str, other: str) -> DeliveryState:
    return max(DeliveryState(one), DeliveryState(other), key=lambda state: state.rank)


async def _change(connection: Connection, row: Row, **changes: Any) -> Row:
    changed = dict(row) | changes
    fields = (
        "workspace_id",
        "outbound_id",
        "state",
        "provider_ids",
        "reason",
        "code",
        "detail",
        "stopped",
        "quote_ref",
    )
    values = {name: changed[name] for name in fields}
    await queries.change_outbound(connection, **values, parts=Jsonb(changed["parts"]))
    return changed

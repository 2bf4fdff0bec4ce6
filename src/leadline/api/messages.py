"""`GET /messages`: what came in and went out, page by page, and what became of one message.

A page is found from the newest backwards among LOOKED messages: where few match, it may hold fewer than were asked for,
or none, and still name the next one.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from leadline.api.channels import ChannelDesk
from leadline.api.endpoint import Call
from leadline.api.problems import Problem
from leadline.api.shapes import Message, Messages, Query
from leadline.store.database import Database
from leadline.store.queries import queries

LOOKED = 20_000
RECEIVED = re.compile(r"in-([0-9]{1,18})")
BEGUN = re.compile(r"out-(begun:.{1,200})")
REPLIED = re.compile(r"out-([^.]{1,200})\.(.{1,200})")
WORST = ("failed", "unknown", "queued", "sending", "sent", "delivered", "read")
Row = Mapping[str, Any]


class MessageDesk:
    """Reads messages of the workspace that asks."""

    def __init__(self, database: Database, channels: ChannelDesk) -> None:
        self._database = database
        self._channels = channels

    async def listed(self, call: Call) -> Messages:
        """A page, the latest first."""
        query: Query = call.query
        values = {
            "workspace_id": call.workspace_id,
            "channel_id": None,
            "contact_id": query.contact_id or None,
            "conversation_id": query.conversation_id or None,
            "since": query.since or None,
            "count": query.count + 1,
            "looked": LOOKED,
        }
        if query.channel:
            values["channel_id"] = (await self._channels.by_name(call.workspace_id, query.channel)).channel_id
        return await (self._received if query.direction == "in" else self._sent)(query, values)

    async def get(self, call: Call) -> Message:
        """One message, by the id that a list or the answer to a send gave; raises Problem."""
        message_id, found = call.path["message_id"], None
        if match := RECEIVED.fullmatch(message_id):
            found = await self._one_received(call.workspace_id, int(match[1]))
        elif match := BEGUN.fullmatch(message_id):
            found = await self.begun(call.workspace_id, match[1])
        elif match := REPLIED.fullmatch(message_id):
            found = await self._pieces(call.workspace_id, match[1], match[2])
        if found is None:
            raise Problem(404, "no_message", f"There is no message '{message_id}' in this workspace.")
        return found

    async def begun(self, workspace_id: str, part_id: str) -> Message | None:
        """A message that was begun here, from the moment it is kept; None where there is none."""
        async with self._database.connection() as connection:
            rows = [row async for row in queries.api_begun(connection, workspace_id=workspace_id, part_id=part_id)]
        if not rows:
            return None
        row = rows[0]
        content, target = row["content"], row["content"]["target"]
        sent = await self._pieces(workspace_id, target.get("conversation_id", ""), part_id)
        return sent or Message(
            id=f"out-{part_id}",
            direction="out",
            at=row["at"],
            channel_id=row["channel_id"],
            address=target["handle"],
            text=content.get("text", ""),
            state="waiting" if row["state"] == "done" else row["state"],
            reason=row["reason"],
            explanation="" if row["state"] == "done" else row["explanation"],
            contact_id=target.get("contact_id", ""),
            conversation_id=target.get("conversation_id", ""),
        )

    async def _one_received(self, workspace_id: str, number: int) -> Message | None:
        values = dict.fromkeys(("channel_id", "contact_id", "conversation_id", "since"))
        async with self._database.connection() as connection:
            rows = queries.api_received(
                connection, **values, workspace_id=workspace_id, before=number + 1, only=number, looked=1, count=1
            )
            return next(iter([_received(row) async for row in rows]), None)

    async def _pieces(self, workspace_id: str, conversation_id: str, part_id: str) -> Message | None:
        key = {"workspace_id": workspace_id, "conversation_id": conversation_id, "part_id": part_id}
        async with self._database.connection() as connection:
            rows = [row async for row in queries.api_sent_part(connection, **key)]
        if not rows:
            return None
        worst = min(rows, key=lambda row: WORST.index(row["state"]))
        told = {name: worst[name] for name in ("state", "reason", "explanation")}
        return _sent({**rows[0], **told, "text": "\n".join(row["text"] for row in rows)})

    async def _received(self, query: Query, values: dict[str, Any]) -> Messages:
        after = _after(query.after, int)
        before = after[0] if after else None
        async with self._database.connection() as connection:
            rows = [row async for row in queries.api_received(connection, **values, before=before, only=None)]
            reached = await queries.messages_reached(
                connection, workspace_id=values["workspace_id"], before=before, looked=LOOKED
            )
        shown = rows[: query.count]
        last = shown[-1]["arrival_id"] if len(rows) > query.count else reached and reached["arrival_id"] + 1
        return Messages(messages=tuple(map(_received, shown)), next=_mark(last) if last else None)

    async def _sent(self, query: Query, values: dict[str, Any]) -> Messages:
        after = _after(query.after, datetime, str)
        place = {"at": after[0], "before": after[1]} if after else {"at": None, "before": ""}
        async with self._database.connection() as connection:
            rows = [row async for row in queries.api_sent(connection, **values, **place)]
            key = {"workspace_id": values["workspace_id"], "looked": LOOKED - 1}
            reached = await queries.api_sent_reached(connection, **key, **place)
        shown = rows[: query.count]
        last = shown[-1] if len(rows) > query.count else reached
        mark = _mark(last["at"], last["outbound_id"]) if last else None
        return Messages(messages=tuple(map(_sent, shown)), next=mark)


def _received(row: Row) -> Message:
    return Message(id=f"in-{row['arrival_id']}", **{name: row[name] for name in _SAME}, direction="in")


def _sent(row: Row) -> Message:
    part = row["part_id"]
    name = part if part.startswith("begun:") else f"{row['conversation_id']}.{part}"
    return Message(id=f"out-{name}", **{name: row[name] for name in _SAME}, direction="out")


_SAME = ("at", "channel_id", "address", "text", "state", "reason", "explanation", "contact_id", "conversation_id")


def _mark(*values: object) -> str:
    """A place in a list, for the address of the next page."""
    return base64.urlsafe_b64encode(msgspec.json.encode(values)).decode().rstrip("=")


def _after(given: object, *types: type) -> tuple[Any, ...]:
    """The place that a mark names; nothing where none was given. Raises Problem."""
    if not given:
        return ()
    text = str(given)
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        found: tuple[Any, ...] = msgspec.json.decode(raw, type=tuple[types])  # type: ignore[valid-type]
    except (ValueError, msgspec.DecodeError) as error:
        raise Problem(422, "invalid", "`after` takes `next` of a page of the same direction.") from error
    return found

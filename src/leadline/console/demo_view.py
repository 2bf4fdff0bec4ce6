"""What the demo page shows and does, without a pixel: phones, the sandbox's inbox over its API, reasons."""

from __future__ import annotations

import html
import re
from typing import Any

import aiohttp
import msgspec

from leadline.demo import TOKEN, Demo
from leadline.identity.decide import explain
from leadline.intercom.client import Client
from leadline.intercom.conversations import Conversation, get_conversation
from leadline.model import Decision, Struct
from leadline.store.channels import ChannelRow
from leadline.store.queries import queries


class Bubble(Struct, frozen=True, kw_only=True):
    """One message on the customer's phone. `mine`: the customer wrote it. `state` is that of its delivery."""

    at: float
    text: str
    mine: bool
    files: int = 0
    state: str = ""


class Item(Struct, frozen=True, kw_only=True):
    """One conversation in the inbox's list."""

    conversation_id: str
    contact_id: str
    title: str
    preview: str
    tags: tuple[str, ...]
    state: str
    updated_at: int


class Profile(Struct, frozen=True, kw_only=True):
    """A contact with all its ids, what links it to Leadline, and why its last message is its own."""

    fields: tuple[tuple[str, str], ...]
    handles: tuple[tuple[str, str], ...]
    about: str = ""
    code: str = ""
    reasons: tuple[str, ...] = ()


class DemoView:
    """The demo's town as its page sees it."""

    def __init__(self, demo: Demo, http: aiohttp.ClientSession) -> None:
        self.channels: tuple[ChannelRow, ...] = (demo.sms, demo.whatsapp)
        self._demo = demo
        self._http = http
        self._client: Client = demo.leadline.workspace.client
        self._workspace_id = demo.leadline.workspace.workspace_id

    def channel(self, channel_id: int) -> ChannelRow:
        """The channel of that number."""
        return next(row for row in self.channels if row.channel_id == channel_id)

    async def senders(self, row: ChannelRow) -> list[str]:
        """Customers who have written on this channel, the latest first."""
        async with self._demo.leadline.database.connection() as connection:
            rows = queries.senders(connection, workspace_id=self._workspace_id, channel_id=row.channel_id)
            return [_number(found["sender"]) async for found in rows]

    async def phone(self, row: ChannelRow, sender: str) -> list[Bubble]:
        """Everything on this customer's phone, oldest first."""
        raw = sender.lstrip("+") if row.provider == "whatsapp_cloud" else sender
        key = {"workspace_id": self._workspace_id, "channel_id": row.channel_id, "sender": raw}
        async with self._demo.leadline.database.connection() as connection:
            written = [_written(found) async for found in queries.written_by(connection, **key)]
        received = [
            Bubble(at=d.at, text=d.text, mine=False, files=len(d.media), state=d.state.value)
            for d in self._demo.providers.phones.received()
            if _number(d.to) == _number(sender) and d.provider == row.provider
        ]
        return sorted(written + received, key=lambda bubble: bubble.at)

    async def inbox(self) -> list[Item]:
        """The workspace's conversations, the latest first."""
        listed = (await self._client.call("GET", "/conversations", params={"per_page": "50"}))["conversations"]
        items = [_item(found) for found in listed]
        return sorted(items, key=lambda item: (item.updated_at, int(item.conversation_id)), reverse=True)

    async def conversation(self, conversation_id: str) -> Conversation | None:
        """One conversation with its parts."""
        return await get_conversation(self._client, conversation_id)

    async def profile(self, contact_id: str) -> Profile:
        """The contact, its links and the reasons of its latest message."""
        raw = await self._client.call("GET", f"/contacts/{contact_id}")
        key = {"workspace_id": self._workspace_id, "contact_id": contact_id}
        async with self._demo.leadline.database.connection() as connection:
            handles = [(row["handle"], row["evidence"]) async for row in queries.handles_of(connection, **key)]
            latest = await queries.latest_decision(connection, **key)
        shown = Profile(fields=_fields(raw), handles=tuple(handles))
        if latest is None:
            return shown
        decision = msgspec.convert(latest["document"], Decision)
        return msgspec.structs.replace(
            shown, about=latest["text"] or "", code=latest["code"], reasons=tuple(explain(decision))
        )

    async def customer_writes(
        self, row: ChannelRow, sender: str, text: str, media: tuple[tuple[str, bytes], ...]
    ) -> str:
        """A signed webhook through the door; what went wrong, or nothing."""
        posted = await self._demo.writes(row, sender, text, media)
        return "" if posted.status == 200 else f"The webhook was answered {posted.status}: {posted.answer}"

    async def teammate_writes(self, conversation_id: str, text: str, *, note: bool) -> None:
        """As if a teammate had typed it in Intercom."""
        action = {"action": "note" if note else "reply", "conversation_id": conversation_id, "body": text}
        url = f"{self._demo.places.sandbox}/_sandbox/teammate"
        async with self._http.post(url, json=action, headers={"Authorization": f"Bearer {TOKEN}"}) as answer:
            answer.raise_for_status()


def _number(sender: str) -> str:
    """A sender as people write it: phones with their plus."""
    return f"+{sender}" if re.fullmatch(r"\d{7,15}", sender) else sender


def _written(row: dict[str, Any]) -> Bubble:
    content = row["content"]
    return Bubble(at=row["at"], text=content.get("text", ""), mine=True, files=len(content.get("attachments", ())))


def _item(raw: dict[str, Any]) -> Item:
    author = raw["source"]["author"]
    contact_id = raw["contacts"]["contacts"][0]["id"]
    return Item(
        conversation_id=raw["id"],
        contact_id=contact_id,
        title=author.get("name") or author.get("email") or contact_id,
        preview=html.unescape(re.sub(r"<[^>]+>", " ", raw["source"]["body"] or "")).strip(),
        tags=tuple(tag["name"] for tag in raw["tags"]["tags"]),
        state=raw["state"],
        updated_at=raw["updated_at"],
    )


def _fields(raw: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    named = [("Name", "name"), ("Role", "role"), ("Phone", "phone"), ("E-mail", "email")]
    named += [("Contact id", "id"), ("External id", "external_id")]
    fields = [(label, str(raw.get(name) or "–")) for label, name in named]
    return tuple(fields + [(name, str(value)) for name, value in raw.get("custom_attributes", {}).items() if value])

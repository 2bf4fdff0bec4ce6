"""A teammate with the panel before their eyes: asks as Intercom's Inbox does, reads canvases as it does."""

from __future__ import annotations

import asyncio
from typing import Any

from leadline.intercom import canvas as kit
from leadline.intercom.canvas import Canvas
from leadline.sandbox.canvas_requests import (
    Values,
    first_values,
    initialize_request,
    read_answer,
    signed,
    submit_request,
)
from leadline.stage.town import CLIENT_SECRET
from tests.acceptance.town import Town


class Teammate:
    """One browser of one admin; `shown` is what it shows."""

    def __init__(self, town: Town, admin: int = 0) -> None:
        self._town = town
        self._admin = admin
        self.conversation_id = ""
        self.shown = Canvas((kit.Text(text="nothing yet"),))
        self.answers: list[bytes] = []

    async def opens(self, conversation_id: str) -> str:
        """Initialize beside a conversation; returns all that can be read."""
        self.conversation_id = conversation_id
        return await self._ask("initialize", await self._request())

    async def presses(self, component_id: str, **typed: str | list[str]) -> str:
        """Submit; returns all that can be read. Fails when there is nothing to press by that name."""
        assert component_id in pressable(self.shown), f"{component_id} is none of {pressable(self.shown)}"
        await self.sends(component_id, **typed)
        return readable(self.shown) if component_id == "confirm" else await self.ends()

    async def ends(self) -> str:
        """Refresh for as long as it is still working, as on a busy machine; returns all that can be read."""
        for _ in range(60):
            if "again" not in pressable(self.shown):
                break
            await asyncio.sleep(0.3)
            await self.sends("again")
        return readable(self.shown)

    async def confirms(self) -> str:
        """Press the button that does it, and wait for its end."""
        await self.presses("confirm")
        return await self.ends()

    async def sends(self, component_id: str, **typed: str | list[str]) -> str:
        """Submit whatever is shown: a click on a canvas that may be old."""
        pressed = self.shown
        values: Values = first_values(pressed) | typed
        return await self._ask("submit", submit_request(await self._request(), component_id, values, pressed))

    async def _request(self) -> dict[str, Any]:
        me = await self._town.intercom("GET", "/me")
        admins = (await self._town.intercom("GET", "/admins"))["admins"]
        conversation = await self._town.intercom("GET", f"/conversations/{self.conversation_id}")
        contact_id = conversation["contacts"]["contacts"][0]["id"]
        contact = await self._town.intercom("GET", f"/contacts/{contact_id}")
        return initialize_request(me["app"]["id_code"], "US", admins[self._admin], conversation, contact)

    async def _ask(self, what: str, request: dict[str, Any]) -> str:
        headers, body = signed(request, CLIENT_SECRET)
        url = f"{self._town.places.leadline}/intercom/inbox/{what}"
        async with self._town.http.post(url, data=body, headers=headers) as answer:
            content = await answer.read()
            assert answer.status == 200, content
        self.answers.append(content)
        self.shown = read_answer(answer.status, content)
        return readable(self.shown)


def pressable(canvas: Canvas) -> list[str]:
    """Everything that submits."""
    found = []
    for one in canvas.components:
        if isinstance(one, kit.ItemList):
            found += [item.id for item in one.items if isinstance(item.action, kit.Submit)]
        elif isinstance(getattr(one, "action", None), kit.Submit):
            found.append(getattr(one, "id", ""))
    return found


def readable(canvas: Canvas) -> str:
    """What a person reads, one line for each text."""
    lines: list[str] = []
    for one in canvas.components:
        match one:
            case kit.Text():
                lines.append(one.text.replace("\u2060", ""))
            case kit.ItemList():
                lines += [" | ".join(filter(None, (i.title, i.subtitle, i.tertiary_text))) for i in one.items]
            case kit.Table():
                lines += [f"{row.field}: {row.value}" for row in one.items]
            case kit.Button():
                lines.append(one.label)
            case kit.Input() | kit.TextArea():
                lines.append(f"{one.label}: {one.value}")
    return "\n".join(lines)

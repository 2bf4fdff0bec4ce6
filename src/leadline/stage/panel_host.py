"""Asks Leadline for its panel as Intercom's Inbox does: over HTTP, real bodies, signed. `panel_pane.py` asks."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import aiohttp

from leadline.intercom.canvas import Canvas
from leadline.model import Struct
from leadline.sandbox.canvas_requests import (
    PATIENCE,
    BadAnswer,
    Values,
    initialize_request,
    read_answer,
    signed,
    submit_request,
)
from leadline.stage.scene import Stage


class Opened(Struct, frozen=True, kw_only=True):
    """The panel of one conversation as it is shown now."""

    conversation_id: str
    contact_id: str
    canvas: Canvas


class PanelHost:
    """The Inbox's side of Canvas Kit, for the teammate of the demo page."""

    def __init__(self, stage: Stage, url: str, client_secret: str) -> None:
        self._stage = stage
        self._url = f"{url}/intercom/inbox"
        self._client_secret = client_secret
        self._timeout = aiohttp.ClientTimeout(total=PATIENCE)

    async def initialize(self, conversation_id: str, contact_id: str) -> Opened:
        """A conversation was opened; raises BadAnswer, SandboxError."""
        request = await self._request(conversation_id, contact_id)
        canvas = await self._asked("initialize", request)
        return Opened(conversation_id=conversation_id, contact_id=contact_id, canvas=canvas)

    async def submit(self, opened: Opened, component_id: str, values: Values) -> Opened:
        """A component was pressed; raises BadAnswer, SandboxError. A merge may leave another contact to look at."""
        request = await self._request(opened.conversation_id, opened.contact_id)
        canvas = await self._asked("submit", submit_request(request, component_id, values, opened.canvas))
        contact_id = await self._stage.contact_of(opened.conversation_id)
        return Opened(conversation_id=opened.conversation_id, contact_id=contact_id, canvas=canvas)

    async def _request(self, conversation_id: str, contact_id: str) -> dict[str, Any]:
        """The documents as they are at this moment."""
        me, conversation, contact = await asyncio.gather(
            self._stage.ask("GET", "/me"),
            self._stage.ask("GET", f"/conversations/{conversation_id}"),
            self._stage.ask("GET", f"/contacts/{contact_id}"),
        )
        app = me["app"]
        admin = {name: value for name, value in me.items() if name != "app"}
        return initialize_request(app["id_code"], app["region"], admin, conversation, contact)

    async def _asked(self, what: str, request: Mapping[str, Any]) -> Canvas:
        headers, body = signed(request, self._client_secret)
        try:
            async with (
                aiohttp.ClientSession(timeout=self._timeout) as session,
                session.post(f"{self._url}/{what}", data=body, headers=headers) as answer,
            ):
                return read_answer(answer.status, await answer.read())
        except (aiohttp.ClientError, TimeoutError) as error:
            raise BadAnswer(f"the app did not answer: {type(error).__name__}") from error

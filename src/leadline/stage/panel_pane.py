"""The app beside a conversation, as Intercom's Inbox shows it: any canvas, its fields, its buttons, its failures."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from nicegui import ui

from leadline.console.drawing import box, mark, text
from leadline.sandbox.canvas_requests import NO_ANSWER, BadAnswer, Values, first_values
from leadline.stage.canvas_drawing import CanvasDrawing
from leadline.stage.panel_host import Opened, PanelHost
from leadline.stage.scene import SandboxError

log = structlog.get_logger(__name__)


class PanelPane:
    """Shows the panel of the open conversation. `changed` is called when something was pressed."""

    def __init__(self, host: PanelHost, changed: Callable[[], Awaitable[None]]) -> None:
        self._host = host
        self._changed = changed
        self._opened: Opened | None = None
        self._wanted = ("", "")
        self._values: Values = {}
        self._busy = asyncio.Lock()
        with box("ll-pane", "section", testid="panel"):
            with box("ll-head"):
                ui.icon("forum").classes("ll-soft")
                text("Leadline", "ll-grow")
                again = ui.button(icon="refresh", on_click=self._reload)
                mark(again.props('flat dense round size=sm aria-label="Reload the panel"'), testid="panel-reload")
            with box("ll-scroll ll-grow"):
                self._body = box("ck-canvas", testid="canvas")
        self._draw()

    async def refresh(self, conversation_id: str, contact_id: str) -> None:
        """Initialize when another conversation or another person is looked at, as the Inbox does."""
        if (conversation_id, contact_id) == self._wanted or self._busy.locked():
            return
        if conversation_id != self._wanted[0]:
            self._opened = None  # what stands there is about somebody else
            self._draw()
        self._wanted = (conversation_id, contact_id)
        await self._reload()

    async def _reload(self) -> None:
        conversation_id, contact_id = self._wanted
        if not (conversation_id and contact_id):
            self._opened = None
            self._draw()
            return
        async with self._busy:
            await self._take(self._host.initialize(conversation_id, contact_id))

    async def press(self, component_id: str) -> None:
        """Submit; while an answer is awaited nothing else can be pressed."""
        if self._opened is None or self._busy.locked():
            return
        async with self._busy:
            self._body.classes(add="busy")
            await self._take(self._host.submit(self._opened, component_id, dict(self._values)))
            self._body.classes(remove="busy")
            if self._opened:
                self._wanted = (self._opened.conversation_id, self._opened.contact_id)
        await self._changed()

    async def _take(self, asking: Awaitable[Opened]) -> None:
        """Show the answer. If it cannot be shown, say so as the Inbox does and log the cause."""
        try:
            self._opened = await asking
        except (BadAnswer, SandboxError) as error:
            log.warning("panel_not_shown", why=str(error))
            self._draw(NO_ANSWER)
            return
        self._draw()

    def _draw(self, trouble: str = "") -> None:
        self._body.clear()
        with self._body:
            if trouble:
                text(trouble, "ck-broken", testid="panel-broken")
            elif self._opened is None:
                text("The panel of the open conversation appears here.", "ll-empty")
            else:
                self._values = first_values(self._opened.canvas)
                CanvasDrawing(self._values, self.press).draw(self._opened.canvas)

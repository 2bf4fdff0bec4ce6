"""The demo's page at `/inbox`: a customer's phone, the teammates' inbox, what stands beside it. The CLI calls it."""

from __future__ import annotations

import asyncio
from importlib.resources import files

from nicegui import ui
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from leadline.console.drawing import box, header, mark, text
from leadline.console.pages import PATIENT, live, with_pages
from leadline.stage.inbox_pane import InboxPane
from leadline.stage.panel_host import PanelHost
from leadline.stage.panel_pane import PanelPane
from leadline.stage.phone_pane import PhonePane
from leadline.stage.profile_pane import ProfilePane
from leadline.stage.scene import Stage
from leadline.stage.shown import Item
from leadline.stage.tour import Tour
from leadline.stage.tour_pane import TourPane
from leadline.stage.town import CLIENT_SECRET, Demo

STYLE = (files("leadline.stage") / "style.css").read_text("utf-8")


def with_stage(app: Starlette, demo: Demo) -> Starlette:
    """The application with the console's pages and the demo's."""
    stage = Stage(demo)
    app.router.routes.append(Route("/", _to_the_page))

    @ui.page("/inbox", title="Leadline demo", response_timeout=PATIENT)
    async def inbox() -> None:
        header("Leadline", "Demo: be the customer and the teammate", {"Console": "/console"})
        await live(DemoPage(stage, Tour(demo)))

    return with_pages(app, demo.leadline, beside={"Demo": "/inbox"})


async def _to_the_page(request: Request) -> Response:
    return RedirectResponse("/inbox")


class DemoPage:
    """The panes of one browser tab; on a small screen one at a time."""

    def __init__(self, stage: Stage, tour: Tour) -> None:
        ui.add_css(STYLE)
        self._looking = asyncio.Lock()
        self._shown = ""
        self._whole = mark(box("ll-stagebox"), place="inbox", testid="stage")
        with self._whole:
            self._tour = TourPane(tour, self._look_at)
            self._draw_places()
            self._draw_desk(stage)

    def _draw_places(self) -> None:
        """Which pane is shown, where there is room for one only."""
        with box("ll-places"):
            for name, label in (("phone", "Customer"), ("inbox", "Inbox"), ("side", "Leadline")):
                place = box("ll-place", "button", testid=f"place-{name}", name=name)
                place.on("click", lambda name=name: mark(self._whole, place=name).update())
                with place:
                    text(label)

    def _draw_desk(self, stage: Stage) -> None:
        with box("ll-desk", "main"):
            self._phone = PhonePane(stage, self._written)
            self._inbox = InboxPane(stage, self._opened, self.refresh)
            self._side = mark(box("ll-side"), tab="panel")
            with self._side:
                with box("ll-tabs"):
                    for name, label in (("panel", "Leadline app"), ("contact", "Contact")):
                        tab = box("ll-tab", "button", testid=f"tab-{name}", name=name)
                        tab.on("click", lambda name=name: mark(self._side, tab=name).update())
                        with tab:
                            text(label)
                self._panel = PanelPane(PanelHost(stage, stage.leadline_url, CLIENT_SECRET), self.refresh)
                self._profile = ProfilePane(stage)

    async def refresh(self) -> None:
        """Show what changed since the last time; one look at a time, so that an older never draws over a newer."""
        async with self._looking:
            await self._phone.refresh()
            await self._inbox.refresh()
            self._turn_to(self._inbox.item)
            thread = self._inbox.thread
            contact_id = thread.contact_id if thread else ""
            await self._panel.refresh(thread.conversation_id if thread else "", contact_id)
            await self._profile.refresh(contact_id, self._inbox.item)

    def _turn_to(self, item: Item | None) -> None:
        """The phone on the table is that of the open conversation, unless the customer is only beginning one."""
        if item is not None and item.conversation_id != self._shown and item.channel_id and not self._inbox.is_followed:
            self._phone.become(item.channel_id, item.sender)
        self._shown = item.conversation_id if item else ""

    async def _look_at(self, channel_id: int, sender: str) -> None:
        """A step of the tour is about this customer."""
        self._phone.become(channel_id, sender)
        self._written()
        await self.refresh()

    def _written(self) -> None:
        self._inbox.follow(self._phone.channel_id, self._phone.sender)

    async def _opened(self, item: Item) -> None:
        self._phone.become(item.channel_id, item.sender)
        await self.refresh()

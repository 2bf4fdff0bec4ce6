"""The demo's page at `/inbox`: a customer's phone, the teammates' inbox, what stands beside it. The CLI calls it."""

from __future__ import annotations

import asyncio

from nicegui import ui
from starlette.applications import Starlette

from leadline.console.drawing import box, header, mark, text
from leadline.console.pages import live, with_pages
from leadline.stage.inbox_pane import InboxPane
from leadline.stage.panel_host import PanelHost
from leadline.stage.panel_pane import PanelPane
from leadline.stage.phone_pane import PhonePane
from leadline.stage.profile_pane import ProfilePane
from leadline.stage.scene import Stage
from leadline.stage.shown import Item
from leadline.stage.town import CLIENT_SECRET, Demo


def with_stage(app: Starlette, demo: Demo) -> Starlette:
    """The application with the console's pages and the demo's."""
    stage = Stage(demo)

    @ui.page("/inbox", title="Leadline demo")
    async def inbox() -> None:
        header("Leadline", "Demo: be the customer and the teammate", {"Console": "/console"})
        await live(DemoPage(stage))

    return with_pages(app, demo.leadline, beside={"Demo": "/inbox"})


class DemoPage:
    """The panes of one browser tab."""

    def __init__(self, stage: Stage) -> None:
        self._looking = asyncio.Lock()
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
            thread = self._inbox.thread
            contact_id = thread.contact_id if thread else ""
            await self._panel.refresh(thread.conversation_id if thread else "", contact_id)
            await self._profile.refresh(contact_id, self._inbox.item)

    def _written(self) -> None:
        self._inbox.follow(self._phone.channel_id, self._phone.sender)

    async def _opened(self, item: Item) -> None:
        self._phone.become(item.channel_id, item.sender)
        await self.refresh()

"""The demo page at /inbox: a customer's phone, the teammates' inbox, the contact and why. Mounted by mounted.py."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from nicegui import events, ui

from leadline.console.demo_view import Bubble, DemoView, Item
from leadline.intercom.conversations import Conversation
from leadline.intercom.parts import Part
from leadline.store.channels import ChannelRow

EVERY = 0.6  # seconds between two looks; a pane is drawn again only when something in it changed
TICKS = {"queued": "◷", "sending": "◷", "sent": "✓", "delivered": "✓✓", "read": "✓✓ read", "failed": "✗ failed"}
CSS = """
body { background: #eef1f4; color: #1d2733; font-family: system-ui, sans-serif; }
.nicegui-content { padding: 0; }
.town { display: grid; grid-template-columns: 300px minmax(0, 1fr) 300px; gap: 14px; width: 100%;
  height: 100vh; padding: 14px; box-sizing: border-box; }
.pane { background: #fff; border-radius: 14px; box-shadow: 0 1px 4px #0002; display: flex; flex-direction: column;
  min-height: 0; overflow: hidden; padding: 14px; gap: 10px; }
.phone { border: 7px solid #222b36; border-radius: 30px; }
.title { font-weight: 650; font-size: 15px; }
.small { font-size: 12px; color: #5d6b7a; }
.scroll { flex: 1; min-height: 0; overflow-y: auto; overflow-x: hidden; width: 100%; display: flex;
  flex-direction: column; gap: 6px; }
.bubble { max-width: 84%; padding: 7px 11px; border-radius: 14px; white-space: pre-wrap; overflow-wrap: anywhere;
  font-size: 14px; }
.mine { align-self: flex-end; background: #1877d2; color: #fff; }
.theirs { align-self: flex-start; background: #e9edf1; }
.note { align-self: stretch; max-width: 100%; background: #fff4ce; }
.tick { align-self: flex-start; font-size: 11px; color: #5d6b7a; margin-left: 6px; }
.split { display: grid; grid-template-columns: 220px minmax(0, 1fr); gap: 12px; flex: 1; min-height: 0; }
.item { padding: 8px 10px; border-radius: 10px; cursor: pointer; width: 100%; }
.item:hover { background: #f2f5f8; } .chosen { background: #e3eefa !important; }
.tag { font-size: 11px; background: #dfe6ed; border-radius: 6px; padding: 1px 6px; }
.one-line { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.why { background: #eaf5ec; border-radius: 10px; padding: 9px 11px; font-size: 13px; width: 100%; }
.code { font-family: ui-monospace, monospace; font-size: 12px; color: #1e6b33; }
.value { font-size: 13px; overflow-wrap: anywhere; }
.thread { display: flex; flex-direction: column; gap: 8px; min-height: 0; }
"""


class Pane:
    """A part of the page that looks for news and draws itself again only when there are some."""

    def __init__(self, look: Callable[[], Awaitable[Any]], draw: Callable[[Any], None]) -> None:
        self._look = look
        self._draw = draw
        self._seen: Any = object()
        self.box = ui.element("div").classes("scroll")

    async def refresh(self) -> None:
        """Look, and draw what changed."""
        found = await self._look()
        if found == self._seen:
            return
        self._seen = found
        self.box.clear()
        with self.box:
            self._draw(found)
        ui.run_javascript(f"const e = getHtmlElement({self.box.id}); if (e) e.scrollTop = e.scrollHeight")


class InboxPage:
    """One visitor's page."""

    def __init__(self, view: DemoView) -> None:
        self._view = view
        self._row: ChannelRow = view.channels[0]
        self._sender = ""
        self._picture: tuple[str, bytes] | None = None
        self._chosen = ""
        self._contact = ""

    async def build(self) -> None:
        """Draw the three panes and keep them fresh."""
        ui.add_css(CSS)
        ui.page_title("Leadline demo")
        self._sender = next(iter(await self._view.senders(self._row)), "+353861234567")
        with ui.element("div").classes("town"):
            panes = [self._phone(), *self._inbox(), self._contact_pane()]

        async def look() -> None:
            for pane in panes:
                await pane.refresh()

        self._look = look
        await look()
        ui.timer(EVERY, look)

    # The customer's phone

    def _phone(self) -> Pane:
        with ui.element("section").classes("pane phone"):
            ui.label("Customer's phone").classes("title")
            channels = {row.channel_id: row.name for row in self._view.channels}
            ui.select(channels, value=self._row.channel_id, on_change=self._other_channel, label="Channel").props(
                "dense outlined data-testid=channel"
            ).classes("w-full")
            self._number = (
                ui.input("Number", value=self._sender, on_change=self._other_number)
                .props("dense outlined data-testid=number")
                .classes("w-full")
            )
            pane = Pane(self._on_the_phone, self._draw_phone)
            self._text = (
                ui.input(placeholder="Write as the customer")
                .props("dense outlined data-testid=customer-text")
                .classes("w-full")
                .on("keydown.enter", self._customer_sends)
            )
            with ui.row().classes("w-full items-center justify-between no-wrap"):
                self._upload = ui.upload(on_upload=self._attach, auto_upload=True, max_files=1, label="Picture").props(
                    "accept=image/* flat dense data-testid=picture"
                )
                self._upload.classes("w-40").style("max-height: 52px; overflow: hidden")
                ui.button("Send", on_click=self._customer_sends).props("unelevated data-testid=customer-send")
        return pane

    async def _on_the_phone(self) -> list[Bubble]:
        return await self._view.phone(self._row, self._sender)

    def _draw_phone(self, bubbles: list[Bubble]) -> None:
        if not bubbles:
            ui.label("Nothing here yet. Write something below.").classes("small")
        for bubble in bubbles:
            text = "\n".join(filter(None, [bubble.text, "[picture]" if bubble.files else ""]))
            ui.label(text).classes("bubble " + ("mine" if bubble.mine else "theirs"))
            if bubble.state:
                ui.label(TICKS.get(bubble.state, bubble.state)).classes("tick").props("data-testid=tick")

    async def _other_channel(self, event: events.ValueChangeEventArguments[int]) -> None:
        self._row = self._view.channel(event.value)

    def _other_number(self, event: events.ValueChangeEventArguments[str | None]) -> None:
        self._sender = (event.value or "").strip()

    async def _attach(self, event: events.UploadEventArguments) -> None:
        self._picture = (event.file.content_type, await event.file.read())

    async def _customer_sends(self) -> None:
        text, picture = self._text.value.strip(), self._picture
        if not self._sender or not (text or picture):
            ui.notify("Give a number, and a text or a picture")
            return
        self._text.value, self._picture = "", None
        self._upload.reset()
        trouble = await self._view.customer_writes(self._row, self._sender, text, (picture,) if picture else ())
        if trouble:
            ui.notify(trouble, type="negative")

    # The teammates' inbox

    def _inbox(self) -> tuple[Pane, Pane]:
        with ui.element("section").classes("pane"):
            ui.label("Inbox of the sandbox workspace").classes("title")
            with ui.element("div").classes("split"):
                items = Pane(self._items, self._draw_items)
                with ui.element("div").classes("thread"):
                    thread = Pane(self._thread, self._draw_thread)
                    self._reply = (
                        ui.textarea(placeholder="Write as a teammate")
                        .props("dense outlined rows=2 data-testid=teammate-text")
                        .classes("w-full")
                    )
                    with ui.row().classes("w-full items-center justify-between"):
                        self._note = ui.switch("Note, only for teammates").props("dense data-testid=note")
                        ui.button("Send", on_click=self._teammate_sends).props("unelevated data-testid=teammate-send")
        return items, thread

    async def _items(self) -> tuple[list[Item], str]:
        items = await self._view.inbox()
        if items and self._chosen not in [item.conversation_id for item in items]:
            self._choose(items[0])
        chosen = next((item for item in items if item.conversation_id == self._chosen), None)
        self._contact = chosen.contact_id if chosen else ""
        return items, self._chosen

    def _draw_items(self, found: tuple[list[Item], str]) -> None:
        for item in found[0]:
            chosen = " chosen" if item.conversation_id == self._chosen else ""
            box = ui.element("div").classes("item" + chosen).props("data-testid=conversation")
            box.on("click", lambda _, item=item: self._choose(item))
            with box:
                ui.label(item.title).classes("title one-line")
                ui.label(item.preview).classes("small one-line")
                with ui.row().classes("gap-1"):
                    for tag in item.tags:
                        ui.label(tag).classes("tag")

    def _choose(self, item: Item) -> None:
        self._chosen, self._contact = item.conversation_id, item.contact_id

    async def _thread(self) -> Conversation | None:
        return await self._view.conversation(self._chosen) if self._chosen else None

    def _draw_thread(self, conversation: Conversation | None) -> None:
        for part in [conversation.source, *conversation.parts] if conversation else []:
            if part and part.has_content:
                self._draw_part(part)

    def _draw_part(self, part: Part) -> None:
        kind = "note" if part.is_note else ("theirs" if part.by_contact else "mine")
        who = f"{part.author_name or part.author_type} · {datetime.fromtimestamp(part.created_at):%H:%M}"
        ui.label(("Note · " if part.is_note else "") + who).classes("small").style(
            "align-self: " + ("flex-end" if kind == "mine" else "flex-start")
        )
        if part.text:
            ui.label(part.text).classes(f"bubble {kind}").props("data-testid=part")
        for file in part.attachments:
            if file.content_type.startswith("image/"):
                ui.image(file.url).style("max-width: 220px; border-radius: 10px").props("data-testid=image")
            else:
                ui.link(file.name or "file", file.url, new_tab=True)

    async def _teammate_sends(self) -> None:
        text = self._reply.value.strip()
        if not text or not self._chosen:
            ui.notify("Choose a conversation and write something")
            return
        self._reply.value = ""
        await self._view.teammate_writes(self._chosen, text, note=self._note.value)

    # The contact

    def _contact_pane(self) -> Pane:
        with ui.element("section").classes("pane").props("data-testid=profile"):
            ui.label("Contact, and why").classes("title")
            return Pane(self._profile, self._draw_profile)

    async def _profile(self) -> Any:
        return await self._view.profile(self._contact) if self._contact else None

    def _draw_profile(self, profile: Any) -> None:
        if profile is None:
            ui.label("No conversation chosen").classes("small")
            return
        if profile.code:
            with ui.element("div").classes("why"):
                ui.label(f"Why “{profile.about}” came here").classes("title")
                ui.label(profile.code).classes("code").props("data-testid=code")
                for sentence in profile.reasons:
                    ui.label(sentence)
        for label, value in profile.fields:
            ui.label(label).classes("small")
            ui.label(value).classes("value")
        ui.label("Addresses Leadline knows").classes("title").style("margin-top: 8px")
        for handle, evidence in profile.handles:
            ui.label(handle).classes("value")
            ui.label(f"since: {evidence}").classes("small")

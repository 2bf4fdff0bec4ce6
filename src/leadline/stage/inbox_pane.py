"""Middle pane: the sandbox's inbox. What is written here counts as typed by a teammate in Intercom."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from leadline.console.drawing import box, clock, mark, shorten, text
from leadline.console.live import Live
from leadline.stage.scene import SandboxError, Stage
from leadline.stage.shown import Item, Part, Thread


class InboxPane:
    """The list, the open conversation and its composer. `opened` gets what a person chose from the list."""

    def __init__(
        self, stage: Stage, opened: Callable[[Item], Awaitable[None]], changed: Callable[[], Awaitable[None]]
    ) -> None:
        self._stage = stage
        self._opened = opened
        self._changed = changed
        self._chosen = ""
        self._follow: tuple[int, str] | None = None
        self._items: tuple[Item, ...] = ()
        self._thread: Thread | None = None
        with box("ll-pane", "section", testid="inbox"):
            with box("ll-head"):
                ui.icon("inbox").classes("ll-soft")
                text("Sandbox inbox", "ll-grow")
            with box("ll-inbox"):
                with box("ll-scroll ll-list"):
                    self._none = text("No conversation yet.", "ll-empty")
                    self._list = Live(box("ll-stack", testid="conversations"), _conversation, self._draw_item)
                with box("ll-thread"):
                    self._draw_thread_frame()

    @property
    def thread(self) -> Thread | None:
        """The open conversation."""
        return self._thread

    @property
    def item(self) -> Item | None:
        """What the list shows of the open conversation."""
        return next((item for item in self._items if item.conversation_id == self._chosen), None)

    @property
    def is_followed(self) -> bool:
        """Whether the open conversation is that of the customer whose phone is on the table."""
        item = self.item
        return item is not None and self._follow == (item.channel_id, item.sender.lstrip("+"))

    def follow(self, channel_id: int, sender: str) -> None:
        """Keep open what this customer last wrote to, until a person chooses from the list."""
        self._follow = (channel_id, sender.lstrip("+"))

    async def refresh(self) -> None:
        """Show what changed since the last time."""
        items = self._items = await self._stage.inbox()
        self._choose_from(items)
        self._none.set_visibility(not items)
        self._list.show([(item, item.conversation_id == self._chosen) for item in items])
        chosen = self._chosen
        thread = await self._stage.thread(chosen) if chosen else None
        if chosen != self._chosen:
            return  # another one was chosen meanwhile, and is being shown
        if thread != self._thread:
            if self._thread is None or thread is None or thread.conversation_id != self._thread.conversation_id:
                self._note.value = False  # what is written to somebody else is a reply again
            self._thread = thread
            self._show_parts()
        if self.item and self.item.unread:
            await self._stage.read(chosen)

    def _choose_from(self, items: tuple[Item, ...]) -> None:
        """Where whom we follow wrote last, else what is open already, else the newest.

        A message may land in a conversation that begins long after it was written: following never ends by itself.
        """
        theirs = [item for item in items if self._follow == (item.channel_id, item.sender.lstrip("+"))]
        if theirs:
            self._chosen = max(theirs, key=lambda item: (item.written_at, int(item.conversation_id))).conversation_id
        elif items and self.item is None:
            self._chosen = items[0].conversation_id

    def _draw_thread_frame(self) -> None:
        with box("ll-scroll ll-back"):
            self._empty = text("Messages appear here as soon as a customer writes.", "ll-empty")
            self._parts = Live(box("ll-stack ll-parts", testid="thread"), _part_of, self._draw_part)
        self._composer = box("ll-stack ll-reply")
        self._composer.set_visibility(False)
        with self._composer:
            self._body = ui.textarea(placeholder="Reply to the customer").props(
                "dense outlined rows=2 input-style=resize:none"
            )
            self._choices = ui.input(placeholder="Answers to tap on, commas between").props("dense outlined")
            mark(self._choices, testid="choices").set_visibility(False)
            mark(self._body, testid="composer").on(
                "keydown.enter", self._send, js_handler="(e) => { if (!e.shiftKey) { e.preventDefault(); emit(); } }"
            )
            with box("ll-acts"):
                self._note = ui.switch("Note for the team", on_change=self._as_note)
                mark(self._note, testid="note-toggle")
                ask = ui.button(icon="smart_button", on_click=self._offer)
                mark(ask.props('flat dense round aria-label="Ask with buttons"'), testid="ask-with-buttons")
                box("ll-grow")
                self._button = ui.button("Send reply", on_click=self._send).props(
                    "unelevated dense no-caps padding='4px 14px'"
                )
                mark(self._button, testid="send-reply")

    def _as_note(self) -> None:
        note = bool(self._note.value)
        self._composer.classes(add="note" if note else None, remove=None if note else "note")
        self._button.text = "Add note" if note else "Send reply"
        self._body.props["placeholder"] = "Write a note for the team" if note else "Reply to the customer"

    def _offer(self) -> None:
        """Show or hide the field for answers to tap on."""
        self._choices.value = ""
        self._choices.set_visibility(not self._choices.visible)

    def _quote(self, part: Part) -> None:
        """Begin the reply with the words of a message."""
        words = "\n".join(f"> {line}" for line in part.text.splitlines())
        self._body.value = f"{words}\n{self._body.value or ''}"
        self._note.value = False

    async def _send(self) -> None:
        if self._thread is None or self._thread.conversation_id != self._chosen:
            await self.refresh()  # it goes to whom was chosen, not to whom is still shown
        body, thread, note = str(self._body.value or "").strip(), self._thread, bool(self._note.value)
        choices = tuple(filter(None, (each.strip() for each in str(self._choices.value or "").split(","))))
        if not body or thread is None:
            return
        self._body.value = ""
        try:
            if choices and not note:
                await self._stage.teammate_asks(thread.conversation_id, body, choices)
            else:
                await self._stage.teammate_writes(thread.conversation_id, body, note=note)
        except SandboxError as error:
            self._body.value = body
            ui.notify(str(error), type="negative")
            return
        self._note.value, self._choices.value = False, ""
        self._choices.set_visibility(False)
        await self._changed()

    def _draw_item(self, one: tuple[Item, bool]) -> ui.element:
        item, chosen = one
        unread = item.unread and not chosen
        classes = f"ll-stack ll-item {'chosen' if chosen else ''} {'unread' if unread else ''}"
        row = box(classes, testid="inbox-item", conversation=item.conversation_id, unread=str(unread).lower())
        row.props.update({"tabindex": "0", "role": "button"})
        row.on("click", lambda: self._choose(item)).on("keydown.enter", lambda: self._choose(item))
        with row:
            with box("ll-row"):
                text(item.name, "ll-name ll-clip ll-grow")
                text(clock(item.at), "ll-faint")
            text(shorten(item.preview, 80), "ll-soft ll-clip")
            with box("ll-row"):
                if item.channel:
                    text(item.channel, "ll-tag")
                if not item.is_open:
                    text("closed", "ll-tag plain")
                box("ll-grow")
                if unread:
                    box("ll-dot", testid="unread").props.update({"title": "Not read yet"})
        return row

    async def _choose(self, item: Item) -> None:
        self._chosen, self._follow = item.conversation_id, None
        await self._opened(item)

    def _show_parts(self) -> None:
        thread = self._thread
        self._composer.set_visibility(thread is not None)
        self._empty.set_visibility(thread is None)
        self._parts.show([(thread.conversation_id, part) for part in thread.parts] if thread else [])

    def _draw_part(self, one: tuple[str, Part]) -> ui.element:
        return draw_part(one[1], self._quote)


def _conversation(one: tuple[Item, bool]) -> str:
    return one[0].conversation_id


def _part_of(one: tuple[str, Part]) -> str:
    return f"{one[0]}:{one[1].key}"


def draw_part(part: Part, quote: Callable[[Part], None]) -> ui.element:
    """One message, note or event of a conversation. quote: what begins a reply with its words."""
    with box(f"ll-part {part.kind}", testid="part", kind=part.kind) as drawn:
        if part.kind == "event":
            text(f"{part.author} {part.text}, {clock(part.at)}")
            return drawn
        label = "Note by " if part.kind == "note" else ""
        with box("ll-about"):
            text(f"{label}{part.author}, {clock(part.at)}", "ll-faint ll-grow")
            if part.text and part.kind != "note":
                _draw_quoting(part, quote)
        if part.text:
            text(part.text, "ll-text")
        if part.choices:
            with box("ll-offered", testid="offered"):
                for choice in part.choices:
                    text(choice, "ll-tag")
        for file in part.files:
            if file.is_picture:
                box("", "img").props.update({"src": file.url, "alt": file.name})
            else:
                ui.link(file.name, file.url, new_tab=True)
    return drawn


def _draw_quoting(part: Part, quote: Callable[[Part], None]) -> None:
    button = box("ll-small", "button", testid="quote-this")
    button.props.update({"aria-label": "Quote in the reply", "title": "Quote in the reply"})
    button.on("click", lambda: quote(part))
    with button:
        ui.icon("format_quote")

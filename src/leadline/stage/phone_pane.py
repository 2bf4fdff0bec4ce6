"""Left pane: a customer's phone. What is typed here goes through Leadline's door as a provider's signed webhook."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import events, ui

from leadline.console.drawing import box, clock, mark, shorten, text
from leadline.sandbox.providers import Posted
from leadline.sandbox.seed import UNKNOWN_PHONE
from leadline.stage.scene import PICTURES, Stage
from leadline.stage.shown import Bubble, Caller, Line

PICTURE_LIMIT = 5_000_000
FORM = {"full_name": "Your name", "address": "Street and town", "date": "Day, such as 2026-12-01"}
TICKS = {
    "queued": ("schedule", "on its way"),
    "sending": ("schedule", "on its way"),
    "unknown": ("help_outline", "nobody knows"),
    "sent": ("done", "sent"),
    "delivered": ("done_all", "delivered"),
    "read": ("done_all", "read"),
    "failed": ("error_outline", "failed"),
}


class PhonePane:
    """One customer at a time; `written` is called when a message was taken by Leadline, or somebody else was chosen."""

    def __init__(self, stage: Stage, written: Callable[[], None]) -> None:
        self._stage = stage
        self._written = written
        self._quoted: Bubble | None = None
        self._lines: dict[int, Line] = {line.channel_id: line for line in stage.lines()}
        self._picture: tuple[str, bytes] | None = None
        self._shown: tuple[Bubble, ...] | None = None
        self._known: list[Caller] = []
        with box("ll-pane", "section", testid="phone"):
            self._draw_who()
            with box("ll-scroll ll-screen"):
                self._bubbles = box("ll-stack ll-bubbles", testid="bubbles")
            self._draw_compose()

    @property
    def channel_id(self) -> int:
        return int(self._channel.value)

    @property
    def _line(self) -> Line:
        return self._lines[self.channel_id]

    @property
    def sender(self) -> str:
        return str(self._number.value or "").strip()

    def become(self, channel_id: int, sender: str) -> None:
        """Put another customer's phone on the table."""
        if channel_id in self._lines and sender:
            self._quote(None)
            self._channel.value = channel_id
            self._number.value = f"+{sender.lstrip('+')}" if self._line.phones else sender

    async def refresh(self) -> None:
        """Show what changed since the last time."""
        bubbles = await self._stage.phone(self.channel_id, self.sender)
        if bubbles != self._shown:
            self._shown = bubbles
            self._draw_bubbles(bubbles)
        callers = await self._stage.callers()
        if callers != self._known:
            self._known = callers
            self._draw_menu()

    def _draw_who(self) -> None:
        with box("ll-head"):
            ui.icon("smartphone").classes("ll-soft")
            text("The customer's phone", "ll-grow")
        with box("ll-stack ll-form"):
            options = {line.channel_id: f"{line.name} to {line.address}" for line in self._lines.values()}
            self._channel = ui.select(options, value=next(iter(options)), label="Channel", on_change=self._switched)
            mark(self._channel.props("dense outlined options-dense"), testid="channel")
            self._number = ui.input("Customer's number", value=UNKNOWN_PHONE).props("dense outlined")
            mark(self._number, testid="phone-number")
            with self._number.add_slot("append"), ui.button(icon="arrow_drop_down").props("flat dense round size=sm"):
                ui.tooltip("People to be")
                self._menu = ui.menu()
            self._name = ui.input("Profile name").props("dense outlined")
            mark(self._name, testid="customer-name")
            self._name.bind_visibility_from(self._channel, "value", lambda key: self._lines[int(key)].named)

    def _switched(self) -> None:
        """Another channel: a phone stays the same phone; where there are no phones somebody else is needed."""
        is_phone = self.sender.startswith("+")
        if self._line.phones != is_phone:
            self._number.value = UNKNOWN_PHONE if self._line.phones else self._line.example
        self._number.props["label"] = "Customer's number" if self._line.phones else "Customer's id"
        self._form.set_visibility(self._line.forms)
        self._quote(None)
        self._draw_menu()

    def _draw_menu(self) -> None:
        self._menu.clear()
        with self._menu:
            for caller in self._known:
                if caller.channel_id not in ((0,) if self._line.phones else (self.channel_id,)):
                    continue
                label = f"{caller.sender}  {caller.name}"
                ui.menu_item(label, on_click=lambda _, sender=caller.sender: self._chosen(sender))

    def _chosen(self, sender: str) -> None:
        """Somebody else, whose conversation opens beside the phone if there is one."""
        self.become(self.channel_id, sender)
        self._written()

    def _draw_compose(self) -> None:
        with box("ll-stack ll-compose"):
            self._attached = box("ll-row ll-faint")
            self._attached.set_visibility(False)
            self._answering = box("ll-about ll-faint")
            self._answering.set_visibility(False)
            with box("ll-row"):
                self._upload = ui.upload(
                    on_upload=self._attach,
                    on_rejected=lambda: ui.notify("Only one picture of at most 5 MB (PNG, JPEG, GIF, WebP)"),
                    auto_upload=True,
                    max_file_size=PICTURE_LIMIT,
                )
                mark(self._upload.classes("ll-hidden").props(f"accept={','.join(PICTURES)}"), testid="picture")
                pick = ui.button(icon="image").props('flat dense round aria-label="Attach a picture"')
                opening = f"() => getHtmlElement({self._upload.id}).querySelector('input[type=file]').click()"
                pick.on("click", js_handler=opening)
                mark(pick, testid="pick-picture")
                self._form = ui.button(icon="assignment", on_click=self._open_form)
                self._form.props('flat dense round aria-label="Fill in a form"')
                mark(self._form, testid="open-form").set_visibility(self._line.forms)
                self._text = ui.input(placeholder="Message").props("dense outlined").classes("ll-grow")
                mark(self._text, testid="phone-text").on("keydown.enter", self._send)
                send = ui.button(icon="send", on_click=self._send).props('dense round unelevated aria-label="Send"')
                mark(send, testid="phone-send")

    async def _attach(self, event: events.UploadEventArguments) -> None:
        content = await event.file.read()
        self._upload.reset()
        self._picture = (event.file.content_type, content)
        self._attached.clear()
        self._attached.set_visibility(True)
        with self._attached:
            ui.icon("image")
            text(event.file.name, "ll-clip ll-grow", testid="attached")
            ui.button(icon="close", on_click=self._detach).props('flat dense round size=xs aria-label="Remove"')

    def _detach(self) -> None:
        self._picture = None
        self._attached.set_visibility(False)

    async def _send(self) -> None:
        content, picture = str(self._text.value or "").strip(), self._picture
        if not self.sender or not (content or picture):
            ui.notify("A number and a text or a picture are needed")
            return
        self._text.value = ""
        self._detach()
        named = str(self._name.value or "") if self._line.named else ""
        quoted = self._quoted.number if self._quoted else ""
        self._quote(None)
        self._told(await self._stage.customer_writes(self.channel_id, self.sender, named, content, picture, quoted))

    def _told(self, posted: Posted) -> None:
        """What Leadline's door answered."""
        if posted.status != 200:
            ui.notify(f"Leadline answered {posted.status}: {posted.answer}", type="negative")
            return
        self._written()

    async def _tap(self, bubble: Bubble, choice: str) -> None:
        self._told(await self._stage.customer_taps(self.channel_id, self.sender, bubble.number, choice))

    def _quote(self, bubble: Bubble | None) -> None:
        """The next message answers this one; None: it answers none."""
        self._quoted = bubble
        self._answering.clear()
        self._answering.set_visibility(bubble is not None)
        if bubble is not None:
            with self._answering:
                text(f"Answers: {shorten(bubble.text, 60)}", "ll-grow", testid="answering")
                ui.button(icon="close", on_click=lambda: self._quote(None)).props(
                    'flat dense round size=xs aria-label="Answer none"'
                )

    def _open_form(self) -> None:
        """A form as WhatsApp shows one that a business sent."""
        with ui.dialog() as dialog, ui.card():
            text("Where shall we deliver?", "ll-big")
            fields = {name: ui.input(label) for name, label in FORM.items()}
            for name, field in fields.items():
                mark(field, testid=f"form-{name}")

            async def fill_in() -> None:
                dialog.close()
                answers = {name: str(field.value or "") for name, field in fields.items()}
                named = str(self._name.value or "")
                self._told(await self._stage.customer_fills_in(self.channel_id, self.sender, named, answers))

            mark(ui.button("Send", on_click=fill_in).props("unelevated no-caps"), testid="form-send")
        dialog.open()

    def _draw_bubbles(self, bubbles: tuple[Bubble, ...]) -> None:
        self._bubbles.clear()
        with self._bubbles:
            if not bubbles:
                text("Write as this customer, and watch the inbox.", "ll-empty")
            for bubble in bubbles:
                draw_bubble(bubble, self._quote if self._line.quotes else None)
            if bubbles and bubbles[-1].choices:
                self._draw_taps(bubbles[-1])

    def _draw_taps(self, asked: Bubble) -> None:
        """What the last message offers to tap on."""
        with box("ll-taps", testid="taps"):
            for choice in asked.choices:
                tap = box("ll-tap", "button", testid="tap")
                tap.on("click", lambda _, choice=choice: self._tap(asked, choice))
                with tap:
                    text(choice)


def draw_bubble(bubble: Bubble, quote: Callable[[Bubble], None] | None = None) -> None:
    """One message with the time and how far it got. quote: what answers it, where the channel has that."""
    side = "mine" if bubble.mine else "theirs"
    with box(f"ll-bubble {side}", testid="bubble", state=bubble.state, side=side):
        if bubble.quoted:
            text(shorten(bubble.quoted, 120), "ll-quoted", testid="quoted")
        if bubble.picture:
            box("", "img").props.update({"src": bubble.picture, "alt": "Picture"})
        if bubble.text:
            text(bubble.text, "ll-text")
        if bubble.trouble:
            text(bubble.trouble, "ll-faint" if bubble.mine else "ll-bad")
        with box("ll-meta"):
            if quote is not None:
                answer = box("ll-small", "button", testid="answer-this")
                answer.props.update({"aria-label": "Answer this message", "title": "Answer this message"})
                answer.on("click", lambda: quote(bubble))
                with answer:
                    ui.icon("reply")
            icon, meaning = TICKS[bubble.state]
            text(clock(bubble.at))
            ui.icon(icon).props.update({"title": meaning})

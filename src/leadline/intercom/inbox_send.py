"""The panel's messages to the customer: templates, other addresses, what was sent, as canvases. Pure."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from leadline.intercom.canvas import (
    Button,
    Canvas,
    Component,
    Field,
    Input,
    Item,
    ItemList,
    Submit,
    Table,
    Text,
    TextArea,
    literal,
)
from leadline.intercom.inbox_app import back, clip, line_words, sent_item
from leadline.intercom.inbox_views import Form, Line, SentLine

SHOWN = 20  # templates at a time; more are found by typing a part of the name


def addresses(lines: Sequence[Line]) -> Canvas:
    """The other addresses of this contact."""
    items = tuple(
        Item(
            id=f"to:{line.key}",
            title=clip(line.channel, 80),
            subtitle=clip(line.address, 120),
            tertiary_text=line_words(line),
            action=None if line.opted_out else Submit(),
            disabled=line.opted_out,
        )
        for line in lines[:30]
    )
    return Canvas(
        (Text(text="Write on another address", style="header"), ItemList(items=items), back()),
        {"screen": "addresses"},
    )


def compose(line: Line, stored: Mapping[str, Any], *, typed: str = "", complaint: str = "") -> Canvas:
    """A message to one address, into this conversation or into one of its own."""
    parts: list[Component] = [
        Text(text=f"To {literal(line.channel)}, {literal(line.address)}", style="header"),
        Text(text=line_words(line), style="muted"),
        TextArea(id="text", label="Message", placeholder="Write to the customer", value=typed, error=bool(complaint)),
    ]
    if complaint:
        parts.append(Text(text=literal(complaint), style="error"))
    parts += _send_buttons()
    if line.templates:
        parts.append(Button(id="templates", label="Send a template instead", action=Submit(), style="link"))
    return Canvas((*parts, back("Cancel")), dict(stored) | {"screen": "compose"})


def templates(
    rows: Sequence[tuple[str, str, str]], stored: Mapping[str, Any], *, wanted: str = "", total: int = 0
) -> Canvas:
    """Approved templates to choose from, as (name, language, text); a part of the name narrows them down."""
    parts: list[Component] = [Text(text="Send a template", style="header")]
    if total > SHOWN:
        parts += [
            Input(id="wanted", placeholder="Part of the name or text", value=wanted, action=Submit()),
            Text(text=f"{total} templates; {min(len(rows), SHOWN)} are shown.", style="muted"),
        ]
    items = tuple(
        Item(
            id=f"template:{number}",
            title=clip(name, 80),
            subtitle=clip(body or "No text", 140),
            tertiary_text=language,
            action=Submit(),
        )
        for number, (name, language, body) in enumerate(rows[:SHOWN])
    )
    nothing = Text(
        text="No approved template is known. They are read from the provider again and again; "
        "an operator can do it at once with `leadline channel templates`.",
        style="muted",
    )
    parts.append(ItemList(items=items) if items else nothing)
    return Canvas((*parts, back()), dict(stored) | {"screen": "templates"})


def fill(form: Form, stored: Mapping[str, Any], *, complaint: str = "") -> Canvas:
    """One template with a field for each variable."""
    values = (*form.values, *("" for _ in form.variables))
    parts: list[Component] = [
        Text(text=literal(form.name), style="header"),
        Text(text=literal(clip(form.body, 1100)) or "This template has no text.", style="muted"),
    ]
    parts += [
        Input(
            id=f"variable:{number}",
            label=f"Value of {{{{{name}}}}}",
            value=value,
            save_state="failed" if complaint and not value else "unsaved",
        )
        for number, (name, value) in enumerate(zip(form.variables, values, strict=False))
    ]
    if complaint:
        parts.append(Text(text=literal(complaint), style="error"))
    parts += _send_buttons()
    return Canvas((*parts, back("Other templates", "templates")), dict(stored) | {"screen": "fill"})


def sent(messages: Sequence[SentLine], *, now: float | None = None) -> Canvas:
    """What was sent in this conversation, newest first."""
    now = time.time() if now is None else now
    items = tuple(sent_item(one, now) for one in messages[:30])
    nothing = Text(text="Nothing was sent to the customer in this conversation yet.", style="muted")
    return Canvas(
        (Text(text="Sent messages", style="header"), ItemList(items=items) if items else nothing, back()),
        {"screen": "sent"},
    )


def sent_one(message: SentLine) -> Canvas:
    """One message with everything that is known about its fate."""
    rows = [("State", message.state), ("By", message.author), ("Provider's code", message.code)]
    parts: list[Component] = [
        Text(text="Message", style="header"),
        Text(text=literal(clip(message.text, 1000)) or "A file"),
        Table(items=tuple(Field(field=name, value=clip(value, 200)) for name, value in rows if value)),
    ]
    if message.trouble:
        parts.append(Text(text=literal(message.trouble), style="error"))
    if message.detail:
        parts.append(Text(text=f"The provider said: {literal(clip(message.detail, 400))}", style="muted"))
    return Canvas((*parts, back("All sent messages", "sent")), {"screen": "sent_one"})


def _send_buttons() -> list[Component]:
    return [
        Button(id="send", label="Send", action=Submit()),
        Button(id="send_open", label="Send and open a conversation", action=Submit(), style="secondary"),
    ]

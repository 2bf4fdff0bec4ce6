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
)
from leadline.intercom.inbox_app import MOST_TYPED, back, clip, line_words, paragraph, sent_item
from leadline.intercom.inbox_views import Form, Line, SentLine

SHOWN = 20  # templates at a time; more are found by typing a part of the name


def addresses(lines: Sequence[Line]) -> Canvas:
    """The other addresses of this contact."""
    items = tuple(
        Item(
            id=f"to:{line.key}",
            title=clip(line.channel, 80, "A channel"),
            subtitle=clip(line.address, 120),
            tertiary_text=line_words(line),
            action=None if line.opted_out else Submit(),
            disabled=line.opted_out,
        )
        for line in lines[:30]
    )
    return Canvas(
        (Text(text="Write to another address", style="header"), ItemList(items=items), back()),
        {"screen": "addresses"},
    )


def compose(line: Line, stored: Mapping[str, Any], *, typed: str = "", complaint: str = "") -> Canvas:
    """A message to one address, into this conversation or into one of its own."""
    parts: list[Component] = [
        *paragraph(f"{line.channel}, {line.address}", 200, "header", before="To "),
        Text(text=line_words(line), style="muted"),
        TextArea(
            id="text",
            label="Message",
            placeholder="Write to the customer",
            value=typed[:MOST_TYPED],
            error=bool(complaint),
        ),
        *paragraph(complaint, 400, "error"),
    ]
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
            Input(id="wanted", placeholder="Part of the name or text", value=clip(wanted, 80), action=Submit()),
            Text(text=f"Showing {min(len(rows), SHOWN)} of {total} templates.", style="muted"),
        ]
    items = tuple(
        Item(
            id=f"template:{number}",
            title=clip(name, 80, "A template"),
            subtitle=clip(body, 140, "No text"),
            tertiary_text=clip(language, 20),
            action=Submit(),
        )
        for number, (name, language, body) in enumerate(rows[:SHOWN])
    )
    nothing = Text(
        text="Leadline knows no approved template of this channel. It asks the provider regularly; "
        "an operator can ask now with `leadline channel templates <channel> --sync`.",
        style="muted",
    )
    parts.append(ItemList(items=items) if items else nothing)
    return Canvas((*parts, back()), dict(stored) | {"screen": "templates"})


def fill(form: Form, stored: Mapping[str, Any], *, complaint: str = "") -> Canvas:
    """One template as the customer will read it, with a field for each variable."""
    values = (*form.values, *("" for _ in form.labels))
    parts: list[Component] = [
        *paragraph(clip(form.name, 80, "A template"), 80, "header"),
        *paragraph(clip(form.body, 1100, "This template has no text."), 1100, "muted"),
    ]
    parts += [
        Input(
            id=f"variable:{number}",
            label=clip(label, 80),
            value=clip(value, 300),
            save_state="failed" if complaint and not value else "unsaved",
        )
        for number, (label, value) in enumerate(zip(form.labels, values, strict=False))
    ]
    parts += paragraph(complaint, 400, "error")
    if form.labels:
        parts.append(Button(id="look", label="Show it filled in", action=Submit(), style="secondary"))
    parts += _send_buttons()
    return Canvas((*parts, back("Other templates", "templates")), dict(stored) | {"screen": "fill"})


def sent(messages: Sequence[SentLine], *, now: float | None = None) -> Canvas:
    """What was sent in this conversation, newest first."""
    now = time.time() if now is None else now
    items = tuple(sent_item(one, now) for one in messages[:30])
    nothing = Text(text="Nothing has been sent to the customer in this conversation yet.", style="muted")
    return Canvas(
        (Text(text="Sent messages", style="header"), ItemList(items=items) if items else nothing, back()),
        {"screen": "sent"},
    )


def sent_one(message: SentLine) -> Canvas:
    """One message with everything that is known about its delivery."""
    rows = [("State", message.state), ("By", message.author), ("Provider's code", message.code)]
    parts: list[Component] = [
        Text(text="Message", style="header"),
        *paragraph(clip(message.text, 1000, "A file"), 1000),
        Table(items=tuple(Field(field=name, value=clip(value, 200)) for name, value in rows if value)),
    ]
    parts += paragraph(message.trouble, 400, "error")
    parts += paragraph(message.detail, 400, "muted", before="The provider said: ")
    return Canvas((*parts, back("All sent messages", "sent")), {"screen": "sent_one"})


def _send_buttons() -> list[Component]:
    return [
        Button(id="send", label="Send", action=Submit()),
        Button(id="send_open", label="Send and open a new conversation", action=Submit(), style="secondary"),
    ]

"""The panel's home, results and errors as canvases. Pure; `panel` calls it.

The Inbox draws it some 300 pixels wide: short words, the most important first.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from leadline.identity.words import counted, phone, user_id
from leadline.intercom.canvas import (
    Button,
    Canvas,
    Component,
    Divider,
    Field,
    Item,
    ItemList,
    Spacer,
    Submit,
    Table,
    Text,
    literal,
    printable,
)
from leadline.intercom.inbox_views import Hit, Home, Line, Outcome, SentLine

Style = Literal["header", "paragraph", "muted", "error"]
HOME = "home"
AGAIN = "again"
MOST_TYPED = 5000  # characters of what was typed that are shown again
WORDS = {
    "reach": "the customer's address",
    "decision": "why this contact was chosen",
    "sent": "the latest messages",
    "suggestions": "suggestions",
    "others": "other addresses",
    "history": "merges and corrections",
    "joins": "open conversations",
}


def home(view: Home, *, now: float | None = None) -> Canvas:
    """Who writes from where, why this contact, who it may be, what can be done. Everything else is one click away."""
    now = time.time() if now is None else now
    parts: list[Component] = []
    for news in view.news:
        parts += paragraph(news, 300)
    parts += _who(view)
    parts += _why(view)
    parts += suggestions(view.suggestions)
    parts += _merge_button(view)
    parts += joins(view.joins)
    parts += _last(view.sent, now)
    parts.append(ItemList(items=tuple(_actions(view))))
    parts += _missing(view)
    return Canvas(tuple(parts), {"screen": HOME})


def trouble(sentence: str, *, title: str = "That did not work", again: str = "") -> Canvas:
    """An error: what happened and what to do, and a way on. `again`: the screen to start anew from."""
    parts: list[Component] = [Text(text=title, style="header")]
    parts += paragraph(clip(sentence, 900, "Leadline does not know why. Try again."), 900, "error")
    if again:
        parts.append(Button(id=again, label="Choose somebody else", action=Submit(), style="secondary"))
    return Canvas((*parts, back()), {"screen": "trouble"})


def outcome(view: Outcome) -> Canvas:
    """How an action ended, with an undo where there is one."""
    parts: list[Component] = [Text(text=view.title, style="header")]
    for sentence in view.sentences:
        parts += paragraph(sentence, 900)
    if view.undo:
        parts.append(Button(id=view.undo, label="Undo", action=Submit(), style="secondary"))
    parts += joins(view.joins)
    if view.more:
        parts.append(Button(id=view.more, label="Sent messages", action=Submit(), style="secondary"))
    return Canvas((*parts, back()), {"screen": "outcome"})


def joins(offered: Sequence[tuple[str, str]]) -> list[Component]:
    """Two open conversations on one channel, each pair with the way to merge them."""
    parts: list[Component] = []
    for key, sentence in offered:
        parts += paragraph(sentence, 300, "muted", tight=True)
        parts.append(Button(id=key, label="Merge the two conversations", action=Submit(), style="secondary"))
    return parts


def working(pressed: str, values: Mapping[str, Sequence[str]], stored: Mapping[str, Any], sentence: str = "") -> Canvas:
    """It takes longer than the Inbox waits. The work continues; what was pressed is kept, so Refresh can ask again."""
    kept = {name: [text[:MOST_TYPED] for text in given] for name, given in values.items()}
    return Canvas(
        (
            Text(text="Still working", style="header"),
            *paragraph(clip(sentence, 400, "This is taking longer than usual. It continues by itself."), 400),
            Text(text="Press Refresh to see the result."),
            Button(id=AGAIN, label="Refresh", action=Submit()),
            back(),
        ),
        {"screen": "working", "pressed": pressed, "values": kept, "stored": dict(stored)},
    )


def suggestions(hits: Sequence[Hit], *, title: str = "May be the same person") -> list[Component]:
    """Contacts to choose from at a click; nothing where there is none."""
    if not hits:
        return []
    return [Text(text=title, style="header", bottom_margin="none"), ItemList(items=tuple(map(hit_item, hits)))]


def hit_item(hit: Hit) -> Item:
    """A contact as a row: name, what it is known by, and why it is here."""
    known = " · ".join(filter(None, (hit.role, hit.email or phone(hit.phone) or user_id(hit.external_id))))
    return Item(
        id=f"pick:{hit.contact_id}",
        title=clip(hit.title, 80, hit.contact_id),
        subtitle=clip(known, 120),
        tertiary_text=clip("; ".join(why.rstrip(".") for why in hit.why), 160),
        action=Submit(),
    )


def back(label: str = "Back", target: str = HOME) -> Button:
    """The way to an earlier screen."""
    return Button(id=target, label=label, action=Submit(), style="link")


def line_words(line: Line) -> str:
    """How long free text may be written, in words."""
    if line.opted_out:
        return "Opted out: nothing can be sent"
    if line.window is None:
        return "Open"
    if line.window <= 0:
        return "Closed: templates only" if line.templates else "Closed until the customer writes again"
    if line.replies_left is None:
        return f"Open for {span(line.window)}"
    if not line.replies_left:
        return f"All {line.replies} replies used: closed until the customer writes again"
    return f"Open for {span(line.window)}, {line.replies_left} of {line.replies} replies left"


def sent_item(sent: SentLine, now: float) -> Item:
    """A message to the customer as a row."""
    return Item(
        id=f"sent:{sent.outbound_id}",
        title=clip(sent.text, 90, "A file"),
        subtitle=f"{sent.state}, {ago(now - sent.at)}",
        tertiary_text=clip(sent.trouble, 180),
        action=Submit(),
    )


def span(seconds: float) -> str:
    """A length of time in its two largest units."""
    minutes = max(1, int(seconds // 60))
    days, hours = minutes // 1440, minutes % 1440 // 60
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"


def ago(seconds: float) -> str:
    """How long ago, in one unit."""
    if seconds < 60:
        return "just now"
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit} ago"
    return "just now"


def clip(text: str, most: int, other: str = "") -> str:
    """One line of at most so many characters; `other` where nothing can be read in it."""
    line = " ".join(printable(text).split()) or other
    return line if len(line) <= most else f"{line[: most - 1]}…"


def paragraph(text: str, most: int, style: Style = "paragraph", *, before: str = "", tight: bool = False) -> list[Text]:
    """A text that somebody wrote, as words; nothing where nothing can be read in it. `before` is ours."""
    shown = literal(clip(text, most))
    return [Text(text=before + shown, style=style, bottom_margin="none" if tight else "")] if shown else []


def _who(view: Home) -> list[Component]:
    contact = f"{clip(view.name, 100, 'No name')} ({view.role})" if view.role else "None"
    rows = [Field(field="Contact", value=contact)]
    if view.line is None:
        if "reach" in (*view.late, *view.failed):
            return [Table(items=tuple(rows))]
        text = "This conversation did not come through Leadline. If it has just started, press Refresh."
        return [Text(text=text, style="muted"), Table(items=tuple(rows))]
    rows = [Field(field="Writes from", value=clip(view.line.address, 120)), *rows]
    rows.append(Field(field="Replies", value=line_words(view.line)))
    return [*paragraph(clip(view.line.channel, 80, "A channel"), 80, "header"), Table(items=tuple(rows))]


def _why(view: Home) -> list[Component]:
    parts: list[Component] = []
    for sentence in view.sentences:
        parts += paragraph(sentence, 300, "muted", tight=True)
    if view.doubtful:
        text = "Please check: Leadline is not sure that this is the right contact."
        parts.append(Text(text=text, style="error"))
        parts.append(Button(id="approve", label="Yes, this is the right contact", action=Submit(), style="secondary"))
    return [*parts, Spacer(size="s")] if parts else []


def _merge_button(view: Home) -> list[Component]:
    if "merge" not in view.can:
        return []
    label = "Merge with existing user/lead" if view.role == "lead" else "Merge a lead into this user"
    style: Literal["primary", "secondary"] = "primary" if view.role == "lead" else "secondary"
    return [Button(id="merge", label=label, action=Submit(), style=style)]


def _last(sent: Iterable[SentLine], now: float) -> list[Component]:
    items = tuple(sent_item(one, now) for one in sent)
    if not items:
        return []
    return [Text(text="Latest messages to the customer", style="header", bottom_margin="none"), ItemList(items=items)]


def _actions(view: Home) -> Iterable[Item]:
    """What else can be done, each with its consequence in one line."""
    others = f"{counted(view.others, 'other address', 'other addresses')} of this contact"
    if view.last:
        yield Item(
            id=view.last.key,
            title="Undo",
            subtitle=clip(view.last.title, 120),
            action=Submit(),
        )
    offers = (
        ("detach", "Not this person", "Their next messages go to a new lead"),
        ("attach", "This is another person", "Choose who gets their next messages"),
        ("why_not", "Why not somebody else?", "See why a certain contact was not chosen"),
        ("templates", "Send a template", "An approved message; works even when replies are closed"),
        ("write", "Write to another address", others),
        ("sent", "Sent messages", "What reached the customer, and what did not"),
        ("history", "Merges and corrections", "Who changed what, and how to undo it"),
    )
    for name, title, subtitle in offers:
        if name in view.can:
            yield _action(name, title, subtitle)
    yield _action(HOME, "Refresh", "Show what changed")


def _action(name: str, title: str, subtitle: str) -> Item:
    return Item(id=name, title=title, subtitle=subtitle, action=Submit())


def _missing(view: Home) -> list[Component]:
    parts: list[Component] = [Divider()] if view.late or view.failed else []
    if view.late:
        text = f"Still loading: {_named(view.late)}. Press Refresh."
        parts.append(Text(text=text, style="muted"))
    if view.failed:
        text = (
            f"Could not be loaded: {_named(view.failed)}. Press Refresh. If it happens again, tell the people who run "
            "Leadline."
        )
        parts.append(Text(text=text, style="error"))
    return parts


def _named(names: Iterable[str]) -> str:
    return ", ".join(WORDS.get(name, name) for name in names)

"""The few shapes all pages are drawn with. A text goes into a label, which the browser never reads as HTML."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

from nicegui import ui


def box(classes: str, tag: str = "div", **attributes: str) -> ui.element:
    """An element with our classes and attributes."""
    return mark(ui.element(tag).classes(classes), **attributes)


def mark(element: ui.element, **attributes: str) -> ui.element:
    """Attributes tests and styles find an element by: `testid` becomes data-testid, `state` data-state."""
    # Not by props(): its parser would give a value's quotes and spaces a meaning.
    element.props.update({f"data-{name}": value for name, value in attributes.items()})
    return element


def text(content: str, classes: str = "", **attributes: str) -> ui.element:
    """Text as it is."""
    return mark(ui.label(content).classes(classes), **attributes)


@contextmanager
def pane(title: str, **attributes: str) -> Iterator[None]:
    """A framed part of a page, below its heading if it has a title; what is drawn inside stands in it."""
    with box("ll-pane", "section", **attributes):
        if title:
            with box("ll-head", "h2"):
                text(title)
        yield


def moment(at: datetime | float) -> ui.element:
    """A time in the reader's zone, with the full date when the mouse rests on it. `console.js` writes it."""
    when = at if isinstance(at, datetime) else datetime.fromtimestamp(at, UTC)
    drawn = ui.element("ll-time")
    drawn.props["datetime"] = when.astimezone(UTC).isoformat()
    return drawn


def outside(words: str, address: str) -> ui.element:
    """A link that leaves the console, such as into Intercom; only the words where there is no address."""
    if not address:
        return text(words)
    link = ui.link(words, address, new_tab=True)
    link.props["rel"] = "noopener noreferrer"
    return link


def look() -> None:
    """Styles and keys of a page; the browser keeps both files."""
    ui.colors(primary="#2f5bd0", negative="#b3261e")
    ui.add_head_html(
        '<link rel="stylesheet" href="/console/look.css"><script src="/console/console.js" defer></script>'
    )


def header(title: str, subtitle: str, links: Mapping[str, str]) -> None:
    """The bar on top of a page without a menu."""
    look()
    with box("ll-top", "header"):
        with box("ll-brand", "h1"):
            text(title)
        text(subtitle, "ll-soft ll-clip ll-grow")
        for name, target in links.items():
            ui.link(name, target)


def clock(at: float) -> str:
    """Hour and minute of unix seconds, by this machine's clock."""
    return time.strftime("%H:%M", time.localtime(at))


def shorten(content: str, most: int) -> str:
    """One line of at most so many characters."""
    line = " ".join(content.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"

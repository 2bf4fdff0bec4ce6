"""The few shapes all pages are drawn with. A text goes into a label, which the browser never reads as HTML."""

from __future__ import annotations

import time
from collections.abc import Mapping
from importlib.resources import files

from nicegui import ui

STYLE = (files("leadline.console") / "style.css").read_text("utf-8")


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


def header(title: str, subtitle: str, links: Mapping[str, str]) -> None:
    """The bar on top of a page."""
    ui.colors(primary="#2f5bd0")
    ui.add_css(STYLE)
    with box("ll-top", "header"):
        text(title, "ll-brand")
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

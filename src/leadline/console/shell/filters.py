"""What a list is narrowed by: a plain form, so that the address of what it finds can be kept and sent to somebody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from nicegui import ui

from leadline.console.drawing import box, text
from leadline.console.language import _
from leadline.console.shell.entries import FIRST
from leadline.console.shell.visit import Visit


class Search(NamedTuple):
    """A field to type in. kind: of input, such as `search` or `date`."""

    name: str
    label: str
    hint: str = ""
    kind: str = "search"


class Choice(NamedTuple):
    """A choice among values, each with its words; the first one, empty, is for all, or what `every` says of it."""

    name: str
    label: str
    values: Mapping[str, str]
    every: str = ""


def filters(visit: Visit, fields: Sequence[Search | Choice], *, keep: Sequence[str] = ()) -> None:
    """Draw the form with what the address says. keep: other values of the address that stay as they are."""
    with box("ll-filters", "form", testid="filters") as form:
        form.props.update({"method": "get", "action": visit.request.url.path, "role": "search"})
        for field in fields:
            with box("ll-filter", "label"):
                text(field.label, "ll-label")
                _drawn(field, visit.param(field.name))
        kept = {name: visit.param(name) for name in keep if visit.param(name)}
        for name, value in kept.items():
            box("", "input").props.update({"type": "hidden", "name": name, FIRST: value})
        with box("ll-button", "button", testid="filter") as press:
            press.props["type"] = "submit"
            text(_("Show"))
        if any(visit.param(field.name) for field in fields):
            ui.link(_("Show all"), visit.request.url.path + (f"?{urlencode(kept)}" if kept else ""))


def _drawn(field: Search | Choice, value: str) -> None:
    if isinstance(field, Search):
        given = {"name": field.name, "type": field.kind, FIRST: value, "placeholder": field.hint}
        box("ll-input", "input", key="/" if field.kind == "search" else "").props.update(given)
        return
    with box("ll-input", "select") as drawn:
        drawn.props["name"] = field.name
        for code, words in {"": field.every or _("All"), **field.values}.items():
            with box("", "option") as option:
                option.props.update({"value": code} | ({"selected": True} if code == value else {}))
                text(words, "")

"""A table whose rows the server pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from nicegui import ui

from leadline.console.drawing import box, pane, text
from leadline.console.language import _
from leadline.console.live import Live
from leadline.console.shell.visit import Visit

One = TypeVar("One")
PAGE = 50  # rows


class Column(NamedTuple):
    """title: the heading; empty for buttons. cell: draws what a row has there. width: as CSS knows it."""

    title: str
    cell: Callable[[Any], object]
    width: str = ""


class Table(Generic[One]):
    """On a phone each row becomes a card, its cells named by their headings."""

    def __init__(
        self,
        columns: Sequence[Column],
        key: Callable[[One], object],
        *,
        empty: str,
        testid: str,
        title: str = "",
        row: str = "row",
    ) -> None:
        self._columns = columns
        self._key = key
        self._row = row
        with pane(title, testid=testid):
            self._empty = text(empty, "ll-empty")
            with box("ll-table", "table") as self._table:
                with box("", "thead"), box("", "tr"):
                    for column in columns:
                        with box("", "th").style(f"width: {column.width}" if column.width else "") as head:
                            head.props["scope"] = "col"
                            text(column.title or _("Actions"), "" if column.title else "ll-unseen")
                self._live = Live(box("", "tbody"), key, self._drawn)
        self._table.set_visibility(False)

    def show(self, rows: Sequence[One]) -> None:
        """Draw what is new, take away what is gone, leave the rest alone."""
        self._live.show(rows)
        self._table.set_visibility(bool(rows))
        self._empty.set_visibility(not rows)

    def _drawn(self, row: One) -> ui.element:
        with box("", "tr", testid=self._row, row=str(self._key(row))) as line:
            for column in self._columns:
                with box("", "td", label=column.title):
                    column.cell(row)
        return line


def older_link(visit: Visit, rows: Sequence[Any], key: Callable[[Any], int], *, count: int = PAGE) -> None:
    """The way to the next page and back to the newest; `rows` has one more than a page where there is a next page."""
    with box("ll-acts ll-pages", "nav", testid="pages") as nav:
        nav.props["aria-label"] = _("Pages")
        if visit.param("before"):
            ui.link(_("Newest"), visit.here(before=""))
        if len(rows) > count:
            ui.link(_("Older"), visit.here(before=key(rows[count - 1])))

"""Which rows of a table are one line of text. Called by blocks.py before it writes the first cell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from leadline.intercom.html.tokens import tokens

_CELL = re.compile(r"<t[dh][\s/>]", re.I)
_WITH_LINES = frozenset({"table", "ul", "ol", "pre", "blockquote"})


def cells_of_lines(body: str) -> Iterator[bool]:
    """Of each cell in turn whether its row is one line: several cells side by side that have no lines themselves.

    A table of one cell is a frame around a text, as in many e-mails; a table in a cell has rows of its own.
    """
    return iter(_told(name.lower() for _, name, _, _ in tokens(body)) if _CELL.search(body) else ())


def _told(names: Iterable[str]) -> list[bool]:
    told: list[bool] = []
    row: list[int] = []  # the cells of the row that is open, from the last one on that has lines
    for name in names:
        if name in {"td", "th"}:
            row.append(len(told))
            told.append(False)
        elif name in {"tr", "/table"}:
            _settle(row, told)
            row = []
        elif name in _WITH_LINES:
            row = []
    _settle(row, told)
    return told


def _settle(row: list[int], told: list[bool]) -> None:
    """A row has ended."""
    for cell in row if len(row) > 1 else ():
        told[cell] = True

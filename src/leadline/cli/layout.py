"""Rows as a table that fits the terminal, or as a list where a table would cut words. Used by `console.py`; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.table import Table

WORD = re.compile(r"(?<![\d+)]) +| +(?![\d(])")  # a phone number or a time is one word
GAP = 2  # columns between two fields
TALLEST = 3  # lines of one cell above which a list reads better


def widths(columns: Sequence[Sequence[str]], available: int) -> list[int] | None:
    """How wide each column is, its words whole and the widest cut first; None where no table fits."""
    wanted = [max(map(cell_len, column)) for column in columns]
    least = [max(cell_len(word) for cell in column for word in WORD.split(cell)) for column in columns]
    room = available - GAP * (len(columns) - 1)
    if sum(least) > room:
        return None
    found = list(wanted)
    while sum(found) > room:
        widest = max((at for at in range(len(found)) if found[at] > least[at]), key=lambda at: found[at])
        found[widest] -= 1
    return found if all(one * TALLEST >= most for one, most in zip(found, wanted, strict=True)) else None


def table(titles: Sequence[str], rows: Sequence[Sequence[str]], wide: Sequence[int]) -> Table:
    """The rows under their titles, in columns of these widths."""
    # Rich's own widths cut letters where the columns' least widths just fit (rich 15.0.0).
    drawn = Table(box=None, pad_edge=False, header_style="bold", padding=(0, GAP, 0, 0))
    for title, width in zip(titles, wide, strict=True):
        drawn.add_column(title, width=width, overflow="fold")
    for row in rows:
        drawn.add_row(*row)
    return drawn


def listed(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The rows one below the other, a field a line; empty fields are left out."""
    longest = max(map(len, titles)) + GAP
    for number, row in enumerate(rows):
        yield from [""] * (number > 0)
        yield from (f"{title}:".ljust(longest) + cell for title, cell in zip(titles, row, strict=True) if cell)

"""Tables that show the first rows of a list, and below them how many they leave out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

from leadline.console.drawing import box, mark, text
from leadline.console.language import plural
from leadline.console.shell import Table

One = TypeVar("One")


class Cut(Generic[One]):
    """A table and the line below it. more: both forms of the line."""

    def __init__(self, table: Table[One], more: tuple[str, str], *, testid: str) -> None:
        self._table = table
        self._more_of = more
        self._more = box("ll-soft", testid=testid)

    def show(self, rows: Sequence[One], total: int) -> None:
        """Draw what changed. total: how many there are, with those that are not among the rows."""
        self._table.show(rows)
        left = total - len(rows)
        if self._more.props.get("data-left") == str(left):
            return
        mark(self._more, left=str(left)).clear()
        self._more.set_visibility(left > 0)
        if left > 0:
            with self._more:
                text(plural(*self._more_of, left))


def apart(rows: Sequence[Mapping[str, Any]]) -> tuple[list[dict[str, Any]], int]:
    """Rows without the count of all that each carries as `total`, and that count: a new count redraws no row."""
    return [{**row, "total": 0} for row in rows], rows[0]["total"] if rows else 0

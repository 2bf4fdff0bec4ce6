"""Drawn things that follow a list. What did not change is left alone, so that it can be clicked meanwhile.

The console's tables and the demo's inbox are drawn with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from nicegui import ui

One = TypeVar("One")


class Live(Generic[One]):
    """The only things in `place`. key: what one is known by although it changes. draw: draws one, returns it whole."""

    def __init__(self, place: ui.element, key: Callable[[One], object], draw: Callable[[One], ui.element]) -> None:
        self._place = place
        self._key = key
        self._draw = draw
        self._shown: dict[str, tuple[One, ui.element]] = {}

    def show(self, ones: Sequence[One]) -> None:
        """Draw what is new, take away what is gone, leave the rest alone."""
        wanted = {str(self._key(one)): one for one in ones}
        for key in [key for key in self._shown if key not in wanted]:
            self._shown.pop(key)[1].delete()
        for index, (key, one) in enumerate(wanted.items()):
            self._put(index, key, one)

    def _put(self, index: int, key: str, one: One) -> None:
        known = self._shown.get(key)
        if known and known[0] == one:
            drawn = known[1]
        else:
            if known:
                known[1].delete()
            with self._place:
                drawn = self._draw(one)
            self._shown[key] = (one, drawn)
        if self._place.default_slot.children.index(drawn) != index:
            drawn.move(self._place, target_index=index)

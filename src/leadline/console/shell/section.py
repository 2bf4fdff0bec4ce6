"""A part of a page, drawn anew only when what it shows changed: what is drawn anew cannot be clicked meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from leadline.console.drawing import box, pane

Shown = TypeVar("Shown")
_NOTHING: Any = object()


class Section(Generic[Shown]):
    """A pane with a heading."""

    def __init__(self, title: str, draw: Callable[[Shown], None], *, testid: str) -> None:
        self._draw = draw
        self._shown: Shown = _NOTHING
        with pane(title, testid=testid):
            self._pane = box("ll-fill")

    def show(self, value: Shown) -> None:
        """Draw a value that differs from the one before."""
        if value == self._shown:
            return
        self._shown = value
        self._pane.clear()
        with self._pane:
            self._draw(value)

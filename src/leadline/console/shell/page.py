"""A page of the console, as the table of pages names it: its address, its title, the right it takes, who draws it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from leadline.console.shell.visit import Visit


class Page(NamedTuple):
    """path: below /console, such as `/people/{contact}`. menu: the line in the menu; empty for a page without one.

    title, menu: marked for translation; they go through `_` where they are shown.
    keys: typed one after the other they open it. draw: reads what it shows, and sets `visit.refresh` where the page
    keeps itself up to date. early: it is there before any workspace is known. listed: whether the menu names it now.
    """

    path: str
    title: str
    right: str
    draw: Callable[[Visit], Awaitable[None]]
    menu: str = ""
    keys: str = ""
    early: bool = False
    listed: Callable[[Visit], Awaitable[bool]] | None = None

    @property
    def address(self) -> str:
        return f"/console{self.path}"

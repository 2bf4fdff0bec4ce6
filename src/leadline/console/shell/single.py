"""The page of one thing that a list names by its number: the thing, or a word that there is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

from nicegui import ui

from leadline.console.drawing import text
from leadline.console.shell.visit import Visit


class Refreshed(Protocol):
    """A page that reads itself again."""

    async def refresh(self) -> None: ...


Thing = TypeVar("Thing")
Drawn = TypeVar("Drawn", bound=Refreshed)


def absent(words: str, others: tuple[str, str]) -> None:
    """Say that there is no such thing, with the way to the list of the others."""
    ui.context.client.status_code = 404
    text(words, "ll-empty", testid="missing")
    ui.link(*others)


async def draw_single(
    visit: Visit,
    things: Mapping[int, Thing],
    page: Callable[[Visit, Thing], Drawn],
    *,
    missing: str,
    others: tuple[str, str],
) -> Drawn | None:
    """Draw the one whose number the address has. others: words and address of the list, for where there is none."""
    number = visit.number("number")
    if number is None or number not in things:
        absent(missing, others)
        return None
    drawn = page(visit, things[number])
    visit.refresh = drawn.refresh
    await drawn.refresh()
    return drawn

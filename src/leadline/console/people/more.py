"""What a list leaves out is said below it."""

from __future__ import annotations

from nicegui import ui

from leadline.console.drawing import mark, text


def say_more(place: ui.element, left: int, things: str) -> None:
    """How many more there are; nothing where the list is whole."""
    if place.props.get("data-left") == str(left):
        return
    mark(place, left=str(left)).clear()
    place.set_visibility(left > 0)
    if left > 0:
        with place:
            text(f"And {left:,} more {things}.")

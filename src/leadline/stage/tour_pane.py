"""The card of the guided tour above the panes: one step after the other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from leadline.console.drawing import box, mark, text
from leadline.errors import LeadlineError
from leadline.stage.tour import STEPS, Tour


class TourPane:
    """An invitation first, then step by step. `shown` gets channel and sender of whom a step is about."""

    def __init__(self, tour: Tour, shown: Callable[[int, str], Awaitable[None]]) -> None:
        self._tour = tour
        self._shown = shown
        self._step = 0
        self._card = box("ll-stack ll-tour", "section", testid="tour")
        self._invite()

    def _invite(self) -> None:
        with self._card, box("ll-row"):
            text("New here? Five steps show what Leadline does.", "ll-grow")
            begin = ui.button("Take the tour", on_click=lambda: self._show(0))
            mark(begin.props("unelevated dense no-caps padding='4px 14px'"), testid="tour-start")
            self._ending("No, thank you")

    def _ending(self, words: str) -> None:
        end = ui.button(words, on_click=lambda: self._card.set_visibility(False))
        mark(end.props("flat dense no-caps"), testid="tour-end")

    async def _show(self, number: int) -> None:
        self._step = number
        self._draw("One moment …")
        try:
            whom = await self._tour.play(number)
        except LeadlineError as error:
            self._draw(f"This step could not be shown: {error}")
            return
        self._draw(STEPS[number].words)
        await self._shown(*whom)

    def _draw(self, words: str) -> None:
        last = self._step == len(STEPS) - 1
        self._card.clear()
        with self._card:
            with box("ll-row"):
                place = f"Step {self._step + 1} of {len(STEPS)}: {STEPS[self._step].title}"
                text(place, "ll-big ll-grow", testid="tour-step")
                if not last:
                    follow = ui.button("Next", on_click=lambda: self._show(self._step + 1))
                    mark(follow.props("unelevated dense no-caps padding='4px 14px'"), testid="tour-next")
                self._ending("Done" if last else "End")
            text(words, "ll-text", testid="tour-words")

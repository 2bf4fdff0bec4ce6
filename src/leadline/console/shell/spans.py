"""The spans of time that pages count and list over: always up to now, so that they mean the same in every time zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from leadline.console.language import _, marked


class Span(NamedTuple):
    """words: marked for translation. steps: into how many parts a chart divides it."""

    words: str
    hours: int
    steps: int

    @property
    def since(self) -> datetime:
        return datetime.now(UTC) - timedelta(hours=self.hours)

    @property
    def step(self) -> float:
        """Seconds."""
        return self.hours * 3600 / self.steps


SPANS = {"24h": Span(marked("Last 24 hours"), 24, 24), "7d": Span(marked("Last 7 days"), 168, 28)}
"""By what a page's address calls them."""


def spans() -> dict[str, str]:
    """The spans to choose from, in the reader's language."""
    return {name: _(span.words) for name, span in SPANS.items()}


def since(name: str) -> datetime | None:
    """When the span of this name began; None where the address names none."""
    return SPANS[name].since if name in SPANS else None

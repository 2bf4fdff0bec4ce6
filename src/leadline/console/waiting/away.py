"""Who is away now, in sentences: Intercom, or a channel's provider. The first page and the waiting one draw it."""

from __future__ import annotations

from collections.abc import Sequence

from leadline.console.drawing import text
from leadline.console.retold import retold


def draw_away(away: Sequence[tuple[str, str]]) -> None:
    """A line for each, of `engine/breaker.py:outages`."""
    for part, sentence in away:
        text(retold(f"{part[:1].upper()}{part[1:]}: {sentence}."), "ll-text ll-padded")

"""Messages over time as bars: in above the line, out below it. Pure; `page.py` draws it beside a table of the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from html import escape

from leadline.console.language import marked
from leadline.console.shell.spans import Span
from leadline.console.shown import OUTCOMES
from leadline.model import Struct

OUT = {"sent": marked("Sent"), "failed": marked("Not sent")}
WIDTH, UP, DOWN, GAP = 960, 120, 50, 3


class Bar(Struct, frozen=True, kw_only=True):
    """One step of time; counts by what OUTCOMES and OUT name."""

    begins: datetime
    into: Mapping[str, int]
    out: Mapping[str, int]


def bars(
    since: datetime, span: Span, into: Sequence[Mapping[str, object]], out: Sequence[Mapping[str, object]]
) -> list[Bar]:
    """Of rows with step, name and count; one for each step, also where nothing came."""
    coming, going = _by_step(into, span.steps), _by_step(out, span.steps)
    begins = [since + timedelta(seconds=number * span.step) for number in range(span.steps)]
    return [Bar(begins=begins[number], into=coming[number], out=going[number]) for number in range(span.steps)]


def _by_step(rows: Sequence[Mapping[str, object]], steps: int) -> list[dict[str, int]]:
    counted: list[dict[str, int]] = [{} for _ in range(steps)]
    for row in rows:
        # What came while the rows were read is of the last step, too.
        into = counted[min(steps - 1, int(str(row["step"])))]
        into[str(row["name"])] = into.get(str(row["name"]), 0) + int(str(row["count"]))
    return counted


def totals(drawn: Sequence[Bar]) -> dict[str, int]:
    """All bars together, by name."""
    return {name: sum(bar.into.get(name, 0) + bar.out.get(name, 0) for bar in drawn) for name in (*OUTCOMES, *OUT)}


def picture(drawn: Sequence[Bar], spoken: str) -> str:
    """SVG with nothing in it but numbers and our own words; `spoken` is what screen readers say of it."""
    most_in = max(1, *(sum(bar.into.values()) for bar in drawn))
    most_out = max(1, *(sum(bar.out.values()) for bar in drawn))
    wide = WIDTH / len(drawn)
    parts = [f'<line x1="0" x2="{WIDTH}" y1="{UP}" y2="{UP}" class="ll-axis" />']
    for number, bar in enumerate(drawn):
        left, width = number * wide + GAP / 2, wide - GAP
        up = down = float(UP)
        for name in OUTCOMES:
            tall = bar.into.get(name, 0) / most_in * (UP - 4)
            up -= tall
            parts += [_block(left, up, width, tall, name)] if tall else []
        for name in OUT:
            tall = bar.out.get(name, 0) / most_out * (DOWN - 4)
            parts += [_block(left, down, width, tall, name)] if tall else []
            down += tall
    inner = "".join(parts)
    size = f'viewBox="0 0 {WIDTH} {UP + DOWN}" preserveAspectRatio="none"'
    return f'<svg class="ll-chart" role="img" aria-label="{escape(spoken)}" {size}>{inner}</svg>'


def _block(left: float, top: float, width: float, tall: float, name: str) -> str:
    place = f'x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{tall:.1f}"'
    return f'<rect {place} class="ll-bar {name}" />'

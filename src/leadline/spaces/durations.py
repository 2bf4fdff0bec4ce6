"""Spans of time as people write them: `off`, `90 minutes`, `36h`, `2 weeks`. Pure; for settings that are spans."""

from __future__ import annotations

import re
from collections.abc import Mapping

UNITS: Mapping[str, int] = {"week": 604_800, "day": 86_400, "hour": 3_600, "minute": 60, "second": 1}
_LETTERS: Mapping[str, str] = {unit[0]: unit for unit in UNITS} | {"min": "minute", "sec": "second"}
_SPAN = re.compile(r"(\d{1,9})\s*([a-z]+)\s*")


def read(text: str) -> int | None:
    """Seconds; 0 for `off` and `never`, None for what is no span. Several may follow each other: `1 day 12 hours`."""
    words = text.strip().lower()
    if words in ("off", "never", "0"):
        return 0
    if not words or _SPAN.sub("", words):
        return None
    total = 0
    for number, word in _SPAN.findall(words):
        unit = _LETTERS.get(word, word.removesuffix("s"))
        if unit not in UNITS:
            return None
        total += int(number) * UNITS[unit]
    return total


def shown(seconds: int) -> str:
    """A span for people, in the units that `read` takes."""
    if not seconds:
        return "off"
    words = []
    for unit, size in UNITS.items():
        count, seconds = divmod(seconds, size)
        if count:
            words.append(f"{count} {unit}{'s' if count > 1 else ''}")
    return " ".join(words)

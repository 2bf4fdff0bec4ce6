"""Spans of time as a person writes them. Used by the commands that look back."""

from __future__ import annotations

import re

from leadline.errors import SettingError

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def seconds(text: str, option: str = "--since") -> float:
    """The seconds of a span like 90m, 2h or 1d; raises SettingError."""
    found = re.fullmatch(r"(\d{1,6})([smhd])", text)
    if not found:
        raise SettingError(f"{option} takes a number and a unit (s, m, h or d), like 90m, not '{text}'")
    return float(int(found[1]) * UNITS[found[2]])

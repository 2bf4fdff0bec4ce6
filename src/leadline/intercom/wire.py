"""Reads single values out of Intercom's JSON, where ids are numbers or strings and times numbers or ISO text.

Called by the other modules of this package. Total: nothing here raises, whatever the value.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

_LATEST = 253_402_300_799.0
"""The last second of the year 9999: what is larger is no time in seconds."""


def text(value: object) -> str:
    """A string or whole number as a string; anything else is empty."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63 else ""


def seconds(value: object) -> float:
    """Unix seconds of a time given as number, digits or ISO 8601; 0.0 when it is none of them.

    The REST API gives integers, contact webhooks give ISO text (observed January 2026). Text without a zone is UTC.
    """
    try:
        moment = float(value) if isinstance(value, int | float | str) else 0.0
    except ValueError:
        moment = _iso(str(value))
    except OverflowError:
        return 0.0
    return moment if math.isfinite(moment) and 0.0 <= moment <= _LATEST else 0.0


def mapping(value: object) -> dict[str, Any]:
    """The object itself, or an empty one where Intercom put null or something else."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[dict[str, Any]]:
    """The objects of a list; null and strangers are left out."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _iso(value: str) -> float:
    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return 0.0


def cursor(answer: Mapping[str, Any]) -> str:
    """Where the next page of a list or search begins; empty on the last one."""
    return text(mapping(mapping(answer.get("pages")).get("next")).get("starting_after"))


def next_page(answer: Mapping[str, Any], before: str) -> str:
    """The cursor of the next page; empty on the last, and where it would lead to the same page again."""
    after = cursor(answer)
    return after if after != before else ""

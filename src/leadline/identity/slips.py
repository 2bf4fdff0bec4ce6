"""Whether two words are one slip of the pen apart. Names and what else persons have are compared by it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache


def one_slip_apart(one: str | bytes, other: str | bytes) -> bool:
    """A letter wrong, missing or too many, or two in the wrong order; also true of words that are the same."""
    return _distance()(one, other, score_cutoff=1) <= 1


@cache
def _distance() -> Callable[..., int]:
    from rapidfuzz.distance import OSA  # 4 MB with all its libraries: nothing for a process that compares no names

    return OSA.distance

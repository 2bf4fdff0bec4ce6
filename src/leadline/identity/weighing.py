"""What speaks for a decision and what against it, as steps of a picture. Pure; the console draws it.

The weights are for the eye: how much a reason counts beside others. Nothing is decided by them.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType

from leadline.identity.reasons import sentence
from leadline.identity.words import counted
from leadline.model import Decision, Reason, Struct

WEIGHTS = MappingProxyType(
    {
        "known_link": 3,
        "changed_number": 3,
        "attested_phone": 3,
        "exact_handle": 3,
        "attribute_match": 3,
        "unique_phone": 2,
        "tie_name": 2,
        "own_lead": 2,
        "tie_latest_updated": 1,
        "tie_prefer_user": 1,
        "tie_prefer_lead": 1,
        "phone_moved": 1,
        "new_lead": 1,
        "ask_agent": -1,
        "unconfirmed_link": -1,
        "several_numbers": -1,
        "long_silence": -1,
        "name_changed": -1,
        "name_differs": -2,
        "points_elsewhere": -2,
        "account_changed": -2,
        "phone_left": -2,
        "shared_number": -2,
        "recycled_number": -2,
        "handle_conflict": -3,
    }
)
"""Reason code → how much it speaks for the contact (above 0) or against it."""
MOST = 3


class Step(Struct, frozen=True, kw_only=True):
    """One reason. weight: above 0 it speaks for the contact, below 0 against it, 0 it only tells something.

    start, end: where its bar begins and ends when each begins where the one before ended, from 0 (left) to 1.
    """

    sentence: str
    weight: int
    start: float = 0.0
    end: float = 0.0


def steps(decision: Decision, doubt: str = "") -> tuple[Step, ...]:
    """The reasons of a decision in their order, then those of a doubt that came up later (comma separated codes).

    Last, how many other contacts fit as well.
    """
    names = {one.contact_id: one.name for one in decision.candidates}
    reasons = [*decision.reasons, *_later(decision, doubt)]
    told = [(sentence(reason, names), WEIGHTS.get(reason.code, 0)) for reason in reasons]
    others = len(names.keys() - {decision.contact_id})
    if others and decision.contact_id in names:
        fit = f"{counted(others, 'other contact')} {'fits' if others == 1 else 'fit'} as well."
        told.append((fit, -min(others, MOST)))
    return tuple(_placed(told))


def _later(decision: Decision, doubt: str) -> list[Reason]:
    codes = {reason.code for reason in decision.reasons}
    return [Reason(code) for code in doubt.split(",") if code and code not in codes]


def _placed(told: list[tuple[str, int]]) -> Iterator[Step]:
    reached, levels = 0, [0]
    for _, weight in told:
        reached += weight
        levels.append(reached)
    low = min(levels)
    span = max(1, max(levels) - low)
    for (text, weight), before, after in zip(told, levels[:-1], levels[1:], strict=True):
        left, right = sorted(((before - low) / span, (after - low) / span))
        yield Step(sentence=text, weight=weight, start=left, end=right)

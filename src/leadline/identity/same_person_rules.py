"""What each agreement and disagreement of two contacts is worth. Pure.

A version stays callable when a newer one comes, so that an old score can be made again. Weights are tenths of a bit:
30 means that one person shows this eight times as often as two people do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from leadline.model import Struct

STEPS = 6
SURELY = -130
"""Tenths that nothing outweighs: two people, whatever connects them."""


def step(count: int) -> int:
    """How common a value is: two or fewer have it, or up to 4, 8, 16, 32, or more."""
    return min(STEPS - 1, max(0, (max(count, 2) - 1).bit_length() - 1))


class Rules(Struct, frozen=True, kw_only=True):
    """Weights by code of evidence: one, or one for each step of how common the value is. version: names them."""

    version: str
    weights: Mapping[str, tuple[int, ...]]

    def tenths(self, code: str, count: int = 0) -> int:
        """What this evidence is worth. count: contacts that have the value."""
        weights = self.weights[code]
        return weights[min(step(count), len(weights) - 1)]


_FIRST = Rules(
    version="1",
    weights={
        "same_phone": (85, 55, 25, 5, 0, 0),
        "near_phone": (25,),
        "other_phone": (-20,),
        "same_email": (95, 65, 35, 10, 0, 0),
        "same_mailbox": (75, 55, 30, 0, 0, 0),
        "firm_email": (25, 20, 15, 12, 10, 10),
        "near_email": (40,),
        "colleagues": (-40,),
        "other_email": (-20,),
        "same_external_id": (100,),
        "other_external_id": (-15,),
        "same_account": (95, 75, 40, 10, 0, 0),
        "same_name": (52, 42, 30, 20, 12, 5),
        "similar_name": (40, 32, 22, 14, 8, 2),
        "middle_name": (35, 28, 20, 12, 6, 2),
        "nickname": (25, 20, 14, 8, 4, 0),
        "initial": (18, 14, 10, 6, 2, 0),
        "part_of_name": (8,),
        "near_name": (-130,),  # told apart from relatives since version 2
        "half_name": (-30,),
        "other_generation": (-30,),  # told apart from half_name since version 4
        "relatives": (-130,),
        "other_name": (-130,),
    },
)
_SECOND = Rules(
    version="2",
    weights={
        **_FIRST.weights,
        "near_name": (-15,),
        "firm_email": (40, 30, 22, 15, 10, 10),  # few use it: with the same name it is hardly two people
    },
)
_THIRD = Rules(
    version="3",
    weights={
        **_SECOND.weights,  # a scan scores as before; what follows is known of the contact of a conversation alone
        "attested_phone": (150, 120, 80, 40, 20, 10),
        "said_email": (60, 45, 25, 5, 0, 0),
        "said_phone": (50, 35, 15, 0, 0, 0),
    },
)
_FOURTH = Rules(
    version="4",
    weights={
        **_THIRD.weights,
        "same_phone": (85, 72, 55, 25, 5, 0),  # a family's phone and a part of the name are enough
        "half_name": (-20,),  # marriage, or the other one of two family names
        "other_external_id": (-30,),
        "other_generation": (SURELY,),
        "other_birth_year": (-40, -50, -60, -90, SURELY, SURELY),  # by the years between: one year may be a slip
    },
)
RULES: Mapping[str, Rules] = {rules.version: rules for rules in (_FIRST, _SECOND, _THIRD, _FOURTH)}
LATEST = "4"


def taught(version: str, weights: Mapping[str, Iterable[int]]) -> Rules:
    """Rules as a workspace's own pairs have taught them; what they do not know is worth what the latest rules say."""
    known = RULES[LATEST].weights
    kept = {code: tuple(steps) for code, steps in weights.items() if code in known}
    return Rules(version=version, weights={**known, **kept})

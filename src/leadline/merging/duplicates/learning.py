"""What reviewed pairs teach: how often a score was right, and weights that fit this workspace better. Pure.

`desk.py` reads the pairs and keeps what was learnt; the rules that Leadline ships stay, and come back at a word.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from leadline.identity.same_person import Score, rescored
from leadline.identity.same_person_rules import Rules
from leadline.model import Struct

ENOUGH = 50
"""Reviewed pairs below which nothing is learnt and nothing runs unattended."""
MOST = 5_000
ROUNDS = 200
PACE = 0.5
CAUTION = 0.02
"""How strongly a weight is held where the rules had it: pairs of a kind that nobody reviewed teach nothing."""
FURTHEST = 40
"""Tenths by which a weight may move."""


class Reviewed(Struct, frozen=True):
    """A pair that a person decided: what was to be seen of it, and whether they are one person."""

    score: Score
    same: bool


class Shown(Struct, frozen=True, kw_only=True):
    """How often pairs with so many points or more were one person: share of `pairs`, and of all that are one."""

    points: int
    pairs: int
    precision: float
    recall: float


def shown(pairs: Sequence[Reviewed], rules: Rules) -> tuple[Shown, ...]:
    """Precision at each whole point, lowest first, by these rules; empty without pairs."""
    scored = sorted(((rescored(one.score, rules).points, one.same) for one in pairs), reverse=True)
    every = sum(same for _, same in scored)
    lowest, highest = (math.floor(scored[-1][0]), math.floor(scored[0][0])) if scored else (0, -1)
    rows = []
    for points in range(max(0, lowest), highest + 1):
        right = [same for score, same in scored if score >= points]
        share = sum(right) / len(right)
        rows.append(Shown(points=points, pairs=len(right), precision=share, recall=sum(right) / max(1, every)))
    return tuple(rows)


def learnt(pairs: Sequence[Reviewed], rules: Rules, version: str) -> Rules:
    """The rules with weights moved so that they tell these pairs apart better; signs stay as they are."""
    moves = dict.fromkeys(rules.weights, 0.0)
    bias, rate = 0.0, PACE / max(1, len(pairs))
    used = [([each.code for each in one.score.evidence], rescored(one.score, rules), one.same) for one in pairs[:MOST]]
    for _ in range(ROUNDS):
        slope, drift = dict.fromkeys(moves, 0.0), 0.0
        for codes, scored, same in used:
            wrong = same - _chance(scored.points + bias + sum(moves[code] for code in codes))
            drift += wrong
            for code in codes:
                slope[code] += wrong
        bias += rate * drift
        for code, value in slope.items():
            moves[code] += rate * value - CAUTION * rate * len(used) * moves[code]
    weights = {code: _moved(steps, moves[code]) for code, steps in rules.weights.items()}
    return Rules(version=version, weights=weights)


def _chance(bits: float) -> float:
    return 1 / (1 + 2 ** -max(-60.0, min(60.0, bits)))


def _moved(steps: Iterable[int], move: float) -> tuple[int, ...]:
    tenths = round(max(-FURTHEST, min(FURTHEST, move * 10)))
    return tuple(max(0, one + tenths) if one > 0 else min(0, one + tenths) if one < 0 else 0 for one in steps)

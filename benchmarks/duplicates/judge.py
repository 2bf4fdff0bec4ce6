"""Groups against labels: how many of the pairs put together are one person, and how many of those were found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Verdict(NamedTuple):
    """Counts of pairs."""

    right: int
    said: int
    true: int

    @property
    def precision(self) -> float:
        return self.right / self.said if self.said else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        return 2 * self.right / (self.said + self.true) if self.said + self.true else 1.0


def judge(groups: Sequence[Sequence[str]], labels: Mapping[str, int]) -> Verdict:
    """Every pair within a group counts as said; labels: contact id → person."""
    right = said = 0
    for group in groups:
        said += pairs(len(group))
        right += sum(pairs(count) for count in Counter(labels[each] for each in group).values())
    return Verdict(right, said, sum(pairs(count) for count in Counter(labels.values()).values()))


def pairs(count: int) -> int:
    return count * (count - 1) // 2

"""Groups against labels: how many of the pairs put together are one person, and how many of those were found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple


class Verdict(NamedTuple):
    """Counts of pairs. right: of those said. told: of those that anything tells, and how many of them were found."""

    right: int
    said: int
    true: int
    found: int
    told: int

    @property
    def precision(self) -> float:
        return self.right / self.said if self.said else 1.0

    @property
    def recall(self) -> float:
        """Of the pairs that anything tells."""
        return self.found / self.told if self.told else 1.0

    @property
    def of_all(self) -> float:
        """Of all pairs, also of those that nothing tells."""
        return self.right / self.true if self.true else 1.0


def judge(groups: Sequence[Sequence[str]], labels: Mapping[str, int], knowable: Mapping[str, int]) -> Verdict:
    """Every pair within a group counts as said. labels: contact id → person; knowable: see `connected`."""
    right = said = found = 0
    for group in groups:
        said += pairs(len(group))
        right += _within(labels[each] for each in group)
        found += _within(knowable[each] for each in group)
    return Verdict(right, said, _within(labels.values()), found, _within(knowable.values()))


def _within(numbers: Iterable[int]) -> int:
    return sum(pairs(count) for count in Counter(numbers).values())


def pairs(count: int) -> int:
    return count * (count - 1) // 2


Labelled = tuple[str, int, bool, Sequence[str]]


def connected(contacts: Iterable[Labelled]) -> dict[str, int]:
    """Contact id → number of the set of this person's contacts that a phone or a mailbox of theirs connects.

    contacts: id, person, whether it has a name, and its facts. A phone or mailbox that several people use connects only
    contacts with a name: nobody can know whose an unnamed message from a family's phone is.
    """
    given = [*contacts]
    users: dict[str, set[int]] = {}
    for _, person, _, facts in given:
        for fact in facts:
            users.setdefault(fact, set()).add(person)
    parent = {contact_id: contact_id for contact_id, *_ in given}
    first: dict[tuple[int, str], str] = {}
    for contact_id, person, named, facts in given:
        for fact in facts:
            if named or len(users[fact]) == 1:
                one, other = (root(parent, each) for each in (contact_id, first.setdefault((person, fact), contact_id)))
                parent[one] = other
    numbers = {root: number for number, root in enumerate(parent)}
    return {contact_id: numbers[root(parent, contact_id)] for contact_id in parent}


def root(parent: dict[str, str], one: str) -> str:
    """The one that stands for all that are connected with this one."""
    while parent[one] != one:
        parent[one] = parent[parent[one]]
        one = parent[one]
    return one

"""Pairs become groups: transitive, and never over a contradiction. Pure; `scan.py` and `review.py` ask.

What people said are edges too. "Same" ties first. "Not the same" keeps two apart however they are connected: where A
and B are the same and B and C are not, A and C are not joined either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import combinations, product
from typing import NamedTuple

from leadline.model import Struct

LARGEST = 30
"""More contacts than this are no person, but a number or a mailbox that many use."""
Pair = tuple[str, str]


class Edge(NamedTuple):
    """Two contacts that may be one person. tenths: the score. named: whether they pass the name gate."""

    one: str
    other: str
    tenths: int
    named: bool = False


class Judged(Struct, frozen=True, kw_only=True):
    """What people said about pairs; each pair with its smaller id first."""

    same: frozenset[Pair] = frozenset()
    different: frozenset[Pair] = frozenset()
    unsure: frozenset[Pair] = frozenset()


class Grouped(NamedTuple):
    """One group. tenths: of the weakest link in it. named: whether all its links pass the gate and none is unsure."""

    members: tuple[str, ...]
    tenths: int
    named: bool


def pair(one: str, other: str) -> Pair:
    """Both ids, the smaller first."""
    return (one, other) if one < other else (other, one)


def grouped(
    edges: Iterable[Edge], judged: Judged, contradict: Callable[[str, str], bool] = lambda one, other: False
) -> list[Grouped]:
    """The groups of two and more, those held together best first.

    contradict: whether two contacts that no edge joins are surely two people; asked before they get into one group.
    """
    clusters = _Clusters(judged, contradict)
    given = {pair(edge.one, edge.other): edge for edge in edges}
    for two in _undecided(given.values(), contradict):
        given.pop(two, None)
    for one, other in sorted(judged.same):
        clusters.join(given.get((one, other), Edge(one, other, 0)), told=True)
    for edge in sorted(given.values(), key=lambda each: (-each.tenths, each.one, each.other)):
        clusters.join(edge, told=False)
    return sorted(clusters.groups(), key=lambda each: (-each.tenths, each.members))


def _undecided(edges: Iterable[Edge], contradict: Callable[[str, str], bool]) -> Iterator[Pair]:
    """Pairs of a contact that may as well be either of two people, as one that says nothing but their phone."""
    best: dict[str, list[Edge]] = {}
    for edge in edges:
        for each in (edge.one, edge.other):
            known = best.setdefault(each, [])
            if not known or edge.tenths > known[0].tenths:
                best[each] = [edge]
            elif edge.tenths == known[0].tenths:
                known.append(edge)
    for contact_id, equal in best.items():
        others = [edge.other if edge.one == contact_id else edge.one for edge in equal]
        if any(contradict(one, other) for one, other in combinations(others[:LARGEST], 2)):
            yield from (pair(contact_id, other) for other in others)


class _Clusters:
    """Contacts joined so far."""

    def __init__(self, judged: Judged, contradict: Callable[[str, str], bool]) -> None:
        self._judged = judged
        self._contradict = contradict
        self._apart = _both_ways(judged.different)
        self._of: dict[str, list[str]] = {}
        self._links: dict[str, list[Edge]] = {}

    def join(self, edge: Edge, *, told: bool) -> None:
        """One group of the two, unless somebody or something in them is against it. told: people said that they are."""
        left, right = (self._of.setdefault(each, [each]) for each in (edge.one, edge.other))
        if left is right or self._forbidden(left, right, edge, told=told):
            return
        first, second = sorted((left, right), key=len, reverse=True)
        links = [*self._links.pop(left[0], []), *self._links.pop(right[0], []), edge]
        first.extend(second)
        for each in second:
            self._of[each] = first
        self._links[first[0]] = links

    def _forbidden(self, left: list[str], right: list[str], edge: Edge, *, told: bool) -> bool:
        if any(other in self._apart.get(one, ()) for one, other in product(left, right)):
            return True
        if told:
            return False
        if len(left) + len(right) > LARGEST:
            return True
        others = (each for each in product(left, right) if {*each} != {edge.one, edge.other})
        return any(self._contradict(one, other) for one, other in others)

    def groups(self) -> Iterable[Grouped]:
        for first, links in self._links.items():
            members = tuple(sorted(self._of[first]))
            said = [link for link in links if pair(link.one, link.other) in self._judged.same]
            weakest = min(
                (link.tenths for link in links if link not in said), default=max(each.tenths for each in links)
            )
            sure = all(link.named or link in said for link in links)
            unsure = any(
                pair(one, other) in self._judged.unsure for one, other in product(members, members) if one < other
            )
            yield Grouped(members, weakest, sure and not unsure)


def _both_ways(pairs: Iterable[Pair]) -> Mapping[str, set[str]]:
    apart: dict[str, set[str]] = {}
    for one, other in pairs:
        apart.setdefault(one, set()).add(other)
        apart.setdefault(other, set()).add(one)
    return apart

"""How a contact hangs together with the one it is to be merged into, and whether it still does. Pure.

`batch_record.py` keeps the chain with each merge; `recheck.py` asks just before the merge is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from heapq import heappop, heappush
from itertools import combinations, pairwise

import msgspec

from leadline.identity.compared import Counts, Record
from leadline.identity.same_person import Score, reasons_in_words, score, two_people, unpacked
from leadline.merging.duplicates.grouping import Judged, Pair, pair
from leadline.model import Struct

SAID = 10**6  # tenths: what people said is stronger than anything that was compared
APART = "Somebody said meanwhile that they are not the same person."
UNSURE = "Somebody said meanwhile that nobody can tell, or that it should wait."
UNTIED = "Nothing on record connects the two any more. Scan again, and look at the group."


class Link(Struct, frozen=True):
    """Two neighbours of a chain. evidence: as `packed` wrote it; empty where people alone called them the same."""

    one: str
    other: str
    evidence: str = ""


class Ties:
    """What connects contacts: what each pair agrees and disagrees in, and what people said."""

    def __init__(self, pairs: Mapping[Pair, str], judged: Judged) -> None:
        self._evidence = pairs
        strength = {two: unpacked(evidence).tenths for two, evidence in pairs.items()} | dict.fromkeys(
            judged.same, SAID
        )
        self._beside: dict[str, dict[str, int]] = {}
        for (one, other), tenths in strength.items():
            if (one, other) not in judged.different:
                self._beside.setdefault(one, {})[other] = tenths
                self._beside.setdefault(other, {})[one] = tenths

    def chain(self, from_id: str, into_id: str) -> tuple[Link, ...]:
        """The links from one to the other whose weakest is the strongest there is; empty where none lead there."""
        ways: list[tuple[int, int, tuple[str, ...]]] = [(-SAID, 0, (from_id,))]
        seen = set[str]()
        while ways:
            weakest, hops, way = heappop(ways)
            if way[-1] == into_id:
                return tuple(Link(*two, self._evidence.get(pair(*two), "")) for two in pairwise(way))
            seen.add(way[-1])
            for other, tenths in self._beside.get(way[-1], {}).items():
                if other not in seen:
                    heappush(ways, (max(weakest, -tenths), hops + 1, (*way, other)))
        return ()


def members(links: Sequence[Link]) -> tuple[str, ...]:
    """The contacts of a chain, in order."""
    return (links[0].one, *(link.other for link in links)) if links else ()


def why_not(
    links: Sequence[Link], people: Mapping[str, Record], judged: Judged, *, least: int, unattended: bool
) -> str:
    """Why the first of a chain should not be merged into the last any more; empty where all that agreed still agrees.

    people: the contacts of the chain as they are now. judged: what people said of them and of whoever they also called
    the same. least: tenths of a point that each link must have. unattended: whether each link must pass the name gate.
    """
    if not links:
        return UNTIED
    circle = together(members(links), judged.same)
    if any(circle >= {*two} for two in judged.different):
        return APART
    if any(circle >= {*two} for two in judged.unsure):
        return UNSURE
    for link in links:
        if pair(link.one, link.other) not in judged.same and (why := _weaker(link, people, least, unattended)):
            return why
    return _contradiction(links, people, judged)


def together(contact_ids: Iterable[str], same: Iterable[Pair]) -> set[str]:
    """These, and everybody whom people called the same as one of them, over any number of steps."""
    circle, left = {*contact_ids}, [*same]
    while reached := [two for two in left if circle & {*two}]:
        circle |= {each for two in reached for each in two}
        left = [two for two in left if two not in reached]
    return circle


def _contradiction(links: Sequence[Link], people: Mapping[str, Record], judged: Judged) -> str:
    """Two of the chain, not beside each other in it, who are two people by now; what people said of them goes first."""
    said = [pair(link.one, link.other) in judged.same for link in links]
    for (first, one), (last, other) in combinations(enumerate(members(links)), 2):
        if last > first + 1 and not all(said[first:last]) and two_people(people[one], people[other]):
            return f"By now they look like two people: {reasons_in_words(score(people[one], people[other], Counts()))}."
    return ""


def _weaker(link: Link, people: Mapping[str, Record], least: int, unattended: bool) -> str:
    """Why a link is not what the scan saw any more; empty where it holds."""
    before = unpacked(link.evidence)
    now = _now(before, people[link.one], people[link.other])
    if unattended and not now.passes_name_gate:
        return f"Left for people: the two no longer agree in name and address ({reasons_in_words(now)})."
    kept = {one.code for one in now.evidence}
    if any(one.tenths > 0 and one.code not in kept for one in before.evidence):
        return f"They have changed since the scan: {reasons_in_words(now) or 'nothing agrees any more'}."
    if now.tenths < least:
        return f"Less speaks for it than when the batch was made: {reasons_in_words(now)}."
    return ""


def _now(before: Score, one: Record, other: Record) -> Score:
    """What agrees and disagrees now, each worth what the scan saw in it. What nobody saw then counts only against."""
    worth = {each.code: each for each in before.evidence}
    found = score(one, other, Counts()).evidence
    return Score(tuple(worth.get(each.code, each) for each in found if each.code in worth or each.tenths < 0))


def as_before(now: Record, before: Record) -> Record:
    """The survivor without what merges of the batch have brought: what it had not then is not compared."""
    empty = Record(contact_id=now.contact_id)
    names = ("name", "email", "lines", "external_id", "accounts", "birth_year")
    gained = {name: getattr(empty, name) for name in names if not getattr(before, name)}
    return msgspec.structs.replace(now, **gained)

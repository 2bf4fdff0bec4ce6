"""Pairs and what people said of them become groups, each with the contact that should stay. Pure.

A scan forms all groups of a workspace, `review.py` those of one group that a person has judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from leadline.identity.compared import Record
from leadline.identity.same_person import two_people, unpacked
from leadline.merging.duplicates.bulk import Found
from leadline.merging.duplicates.grouping import Edge, Grouped, Judged, grouped
from leadline.merging.duplicates.survivors import Rank, ranked, steps, users_alike
from leadline.model import Struct


class Group(Struct, frozen=True, kw_only=True):
    """One group as it is stored. contact_ids: who should stay first. gain: contacts that Intercom lets merge away."""

    contact_ids: tuple[str, ...]
    tenths: int
    gain: int
    named: bool

    @property
    def group_id(self) -> str:
        return min(self.contact_ids)


def groups_of(
    found: Iterable[Found],
    records: Mapping[str, Record],
    judged: Judged,
    ranks: Sequence[Rank],
    *,
    users_too: bool = False,
) -> list[Group]:
    """Pairs and judgements as groups with their survivors. users_too: whether Intercom may merge users. Pure.

    Who has no record any more is in no group, but what people said of them holds: where B was merged into A, and B and
    C are not the same, A and C are not joined.
    """

    def contradict(one: str, other: str) -> bool:
        return records.keys() >= {one, other} and two_people(records[one], records[other])

    edges = [Edge(each.one, each.other, each.tenths, unpacked(each.evidence).passes_name_gate) for each in found]
    clusters = grouped(edges, judged, contradict)
    left = [one._replace(members=tuple(each for each in one.members if each in records)) for one in clusters]
    return [_group(one, records, ranks, users_too) for one in left if len(one.members) > 1]


def _group(one: Grouped, records: Mapping[str, Record], ranks: Sequence[Rank], users_too: bool) -> Group:
    members = ranked((records[each] for each in one.members), ranks)
    ids = tuple(each.contact_id for each in members)
    gain = len(steps(members, users_alike(members) if users_too else ()))
    return Group(contact_ids=ids, tenths=one.tenths, gain=gain, named=one.named)

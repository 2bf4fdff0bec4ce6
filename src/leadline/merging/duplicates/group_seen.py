"""Groups of duplicates as people see them: contacts, reasons, who stays, and the merges that lead there. Pure.

`review.py` fills them in; batches, reports, the CLI and the console read them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

import msgspec

from leadline.directory import Entry
from leadline.errors import LeadlineError
from leadline.identity.same_person import reasons_in_words, unpacked
from leadline.identity.words import phone
from leadline.merging.duplicates.bulk import Found
from leadline.merging.duplicates.grouping import Judged, pair
from leadline.merging.duplicates.survivors import Step, steps, users_alike, users_left
from leadline.model import Role, Struct


class DuplicatesRefused(LeadlineError):
    """What was asked for a group of duplicates cannot be done; the text is for the person."""


class Member(Struct, frozen=True, kw_only=True):
    """One contact of a group, as the directory has it. updated_at: unix seconds. stays: the proposed survivor."""

    contact_id: str
    role: Role
    name: str
    email: str = ""
    phones: tuple[str, ...] = ()
    updated_at: int = 0
    stays: bool = False

    @property
    def addresses(self) -> frozenset[int | str]:
        """Its e-mail and its phones."""
        return frozenset(filter(None, (self.email, *self.phones)))


class PairSeen(Struct, frozen=True, kw_only=True):
    """Two contacts of a group. reasons: in words, with what each is worth. verdict: what a person said, or empty.

    evidence: the same as it is stored.
    """

    one_id: str
    other_id: str
    points: float
    reasons: str
    verdict: str = ""
    evidence: str = ""


class GroupSeen(Struct, frozen=True, kw_only=True):
    """Contacts that are probably one person, who stays, and the merges that lead there.

    points: of the weakest link. named: whether each link rests on a name and an address. users: ids of users that
    Intercom's API leaves beside the survivor. users_too: whether Intercom's Preview API may merge users. why: what it
    said of those that it does not merge.
    """

    group_id: str
    points: float
    named: bool
    members: tuple[Member, ...]
    pairs: tuple[PairSeen, ...]
    steps: tuple[Step, ...]
    users: tuple[str, ...] = ()
    users_too: bool = False
    why: Mapping[str, str] = {}

    @property
    def users_merged(self) -> tuple[str, ...]:
        """Ids of the users that are merged into the survivor."""
        users = {one.contact_id for one in self.members if one.role is Role.USER}
        return tuple(step.from_id for step in self.steps if step.from_id in users)

    @property
    def gain(self) -> int:
        """Contacts that Intercom lets merge away."""
        return len(self.steps)

    @property
    def plain(self) -> bool:
        """Whether it may be merged among others without a look at it: nobody becomes a user, and nobody was unsure."""
        unsure = any(pair.verdict == "unsure" for pair in self.pairs)
        return bool(self.steps) and not unsure and all(step.way == "merge" for step in self.steps)

    def evidence(self, one: str, other: str) -> str:
        """What two members agree and disagree in, as it is stored; empty where only others connect them."""
        two = pair(one, other)
        return next((each.evidence for each in self.pairs if (each.one_id, each.other_id) == two), "")

    def name(self, contact_id: str) -> str:
        """What people call a member; where another one is called the same, with what tells it apart."""
        member = next((one for one in self.members if one.contact_id == contact_id), None)
        if member is None:
            return contact_id
        others = [one for one in self.members if one is not member and label(one) == label(member)]
        return f"{label(member)} ({_apart(member, others)})" if others else label(member)


class Listing(Struct, frozen=True, kw_only=True):
    """Some groups, and how many there are."""

    groups: tuple[GroupSeen, ...]
    total: int


def why_not_into(group: GroupSeen, contact_id: str) -> str:
    """Why this contact cannot be the one of the group that stays; empty where it can."""
    chosen = next((one for one in group.members if one.contact_id == contact_id), None)
    if chosen is None:
        ids = ", ".join(one.contact_id for one in group.members)
        return f"Contact {contact_id} is not in this group. It has: {ids}."
    user = next((one for one in group.members if one.role is Role.USER), None)
    if user and chosen.role is Role.LEAD:
        return (
            f"{group.name(contact_id)} cannot stay: it is a lead, {group.name(user.contact_id)} is a user, and "
            "Intercom never merges a user into a lead."
        )
    return ""


def staying(group: GroupSeen, contact_id: str) -> GroupSeen:
    """The group with another one of its contacts staying; raises DuplicatesRefused where Intercom does not allow it."""
    if why := why_not_into(group, contact_id):
        raise DuplicatesRefused(why)
    members = tuple(msgspec.structs.replace(one, stays=one.contact_id == contact_id) for one in group.members)
    first = sorted(members, key=lambda one: not one.stays)
    return _planned(group, first)


def leaving(group: GroupSeen, why: Mapping[str, str]) -> GroupSeen:
    """The group with these users left beside the survivor, each for its reason."""
    return _planned(msgspec.structs.replace(group, why=why), group.members)


def _planned(group: GroupSeen, members: Sequence[Member]) -> GroupSeen:
    """The group with the merges that lead to its first member."""
    alike = users_alike(members) if group.users_too and members else ()
    merged = [user for user in alike if user not in group.why]
    plan = {"steps": steps(members, merged), "users": users_left(members, merged)} if members else {}
    return msgspec.structs.replace(group, members=tuple(members), **plan)


def seen_group(
    entries: Sequence[Entry],
    row: Mapping[str, object],
    pairs: Mapping[tuple[str, str], Found],
    judged: Judged,
    region: str,
    *,
    users_too: bool = False,
) -> GroupSeen:
    """A group with what the directory says of its contacts now; the first of the entries stays."""
    found = ((two, pairs.get(two)) for two in map(_pair, combinations(entries, 2)))
    seen = [_seen_pair(two, known, judged) for two, known in found if known is not None]
    members = [_member(entry, region) for entry in entries]
    group = GroupSeen(
        group_id=str(row["group_id"]),
        points=int(str(row["tenths"])) / 10,
        named=bool(row["named"]),
        members=(),
        pairs=tuple(sorted(seen, key=lambda one: (-one.points, one.one_id, one.other_id))),
        steps=(),
        users_too=users_too,
    )
    return _planned(group, [msgspec.structs.replace(one, stays=number == 0) for number, one in enumerate(members)])


def _pair(two: Iterable[Entry]) -> tuple[str, str]:
    one, other = two
    return pair(one.contact_id, other.contact_id)


def _seen_pair(two: tuple[str, str], found: Found, judged: Judged) -> PairSeen:
    verdict = next((name for name in ("same", "different", "unsure") if two in getattr(judged, name)), "")
    reasons = reasons_in_words(unpacked(found.evidence))
    return PairSeen(
        one_id=two[0],
        other_id=two[1],
        points=found.tenths / 10,
        reasons=reasons,
        verdict=verdict,
        evidence=found.evidence,
    )


def _member(entry: Entry, region: str) -> Member:
    return Member(
        contact_id=entry.contact_id,
        role=entry.role,
        name=entry.shown,
        email=entry.email,
        phones=entry.phones(region),
        updated_at=entry.updated_at,
    )


def _apart(member: Member, others: Sequence[Member]) -> str:
    """The first thing of a contact that none of the others has."""
    for value in (member.role.value, member.email, *map(phone, member.phones)):
        if value and all(value not in (one.role.value, one.email, *map(phone, one.phones)) for one in others):
            return value
    return member.contact_id


def label(member: Member) -> str:
    """What people call a contact: the name, else an address, else its id."""
    return member.name or member.email or next(iter(member.phones), member.contact_id)

"""Who of a group stays, and which merges lead there. Proposed to people, who may choose another. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol

from leadline.errors import SettingError
from leadline.identity.compared import Record
from leadline.identity.merge import Way
from leadline.model import Role, Struct

Rank = Callable[[Record], Any]
RANKS: Mapping[str, Rank] = {
    "user": lambda one: one.role is not Role.USER,
    "user_id": lambda one: not one.external_id,
    "email": lambda one: not one.email,
    "oldest": lambda one: one.contact_id,
    "latest": lambda one: -one.updated_at,
    "phone": lambda one: not one.lines,
    "name": lambda one: -len(one.name.split()),
}
"""What makes a contact stay: the lowest value wins. Intercom's ids begin with the time they were made (ObjectId)."""
DEFAULT = "user,user_id,email,oldest,latest"


class Ranked(Protocol):
    """A member of a group, whatever else is known of it."""

    @property
    def contact_id(self) -> str: ...

    @property
    def role(self) -> Role: ...

    @property
    def addresses(self) -> frozenset[int | str]: ...


class Step(Struct, frozen=True, kw_only=True):
    """One merge of a group. way: `promote` where the survivor is a lead until then."""

    from_id: str
    into_id: str
    way: Way


def order(setting: str) -> tuple[Rank, ...]:
    """The ranks that a setting names, the first one decides first; raises SettingError."""
    names = [name.strip() for name in (setting or DEFAULT).split(",") if name.strip()]
    if unknown := [name for name in names if name not in RANKS]:
        raise SettingError(f"LEADLINE_DUPLICATES_KEEP: '{unknown[0]}' is none of {', '.join(RANKS)}")
    return tuple(RANKS[name] for name in names)


def ranked(members: Iterable[Record], ranks: Sequence[Rank]) -> list[Record]:
    """The members, who should stay first. A user always comes before a lead: Intercom merges into no lead."""
    users_first = RANKS["user"]
    return sorted(members, key=lambda one: (users_first(one), *(rank(one) for rank in ranks), one.contact_id))


def steps(members: Sequence[Ranked], users: Collection[str] = ()) -> tuple[Step, ...]:
    """The merges that Intercom allows, in order: every lead into the first one, which stays, then these users.

    Where all are leads, the one that stays becomes a user by the first merge. Other users stay as well.
    """
    survivor, *others = members
    others = sorted(others, key=lambda one: one.role is Role.USER)
    going = [one for one in others if one.role is Role.LEAD or one.contact_id in users]
    first: Way = "merge" if survivor.role is Role.USER else "promote"
    ways: Iterable[Way] = (first if number == 0 else "merge" for number in range(len(going)))
    return tuple(
        Step(from_id=one.contact_id, into_id=survivor.contact_id, way=way) for one, way in zip(going, ways, strict=True)
    )


def users_left(members: Sequence[Ranked], merged: Collection[str] = ()) -> tuple[str, ...]:
    """Users who stay beside the first one: all but those that are merged into it."""
    return tuple(one.contact_id for one in members[1:] if one.role is Role.USER and one.contact_id not in merged)


def users_alike(members: Sequence[Ranked]) -> tuple[str, ...]:
    """Users that Intercom's Preview API may merge into the first one: with its e-mail or its phone.

    Source: Intercom-OpenAPI pull request 613 (August 2026), read 2026-11-27.
    """
    mine = members[0].addresses
    return tuple(one.contact_id for one in members[1:] if one.role is Role.USER and one.addresses & mine)

"""Field by field: what each side of a merge has, what is left afterwards, and whether that is a loss.

`merge.py` asks for the rows of a preview; `merging/work.py` compares them with the contact after the merge. Pure.

What Intercom keeps: API description 2.16 and its merge preview, read 2026-11-24. A value that the survivor has stays,
also 0, no and an empty text; only what it never had is taken over from the lead.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from leadline.identity import variants
from leadline.identity.merge_sides import FIELDS, Named, Side, Subscription, written
from leadline.identity.phone import canonical
from leadline.model import Struct

Outcome = Literal["adopted", "kept", "same", "discarded", "merged", "replaced"]

NEVER_ADOPTED = ("external_id",)  # ids of a lead are never added to a user (Intercom's lead conversion page)
CUSTOM = "custom_attributes."
SUBSCRIPTION = "subscription:"
TAKEABLE = ("name", "email", "phone", "language_override", "owner_id")
_ORDER: tuple[Outcome, ...] = ("discarded", "replaced", "merged", "adopted", "kept", "same")
_CONSENTS = {"opt_in": "opted in", "opt_out": "opted out"}


OUTCOMES: Mapping[Outcome, str] = {
    "discarded": "lost",
    "replaced": "taken from the lead",
    "merged": "both kept",
    "adopted": "taken over",
    "kept": "kept",
    "same": "",
}
"""What becomes of a field, in the words of a table."""


class Change(Struct, frozen=True, kw_only=True):
    """One field, both values as text, and what is left. `field` is Intercom's name, `label` the one for people.

    adopted: the survivor never had one and takes the lead's over. kept: only the survivor has one. discarded: both have
    one and the lead's is lost. replaced: as discarded, but a person chose the lead's. merged: both lists become one.
    same: nothing to choose. attribute: whether it is a custom attribute.
    """

    field: str
    label: str
    from_value: str
    into_value: str
    outcome: Outcome
    result: str
    attribute: bool = False

    @property
    def key(self) -> str:
        """Its name among all fields: a custom attribute may be called as a plain field is."""
        return f"{CUSTOM}{self.field}" if self.attribute else self.field

    @property
    def takeable(self) -> bool:
        """Whether a person may choose which of the two values stays."""
        return self.outcome in ("discarded", "replaced") and (self.attribute or self.field in TAKEABLE)


def changes(source: Side, target: Side, take: Collection[str] = ()) -> tuple[Change, ...]:
    """Every field that one of the two has: what is lost first, what is the same on both last.

    take: keys of the fields for which a person chose the lead's value.
    """
    custom = dict.fromkeys((*target.attributes, *source.attributes))
    found = (
        *(_field(name, label, source, target) for name, label in FIELDS.items()),
        *(_attribute(name, source.attributes, target.attributes) for name in custom),
        *_subscriptions(source.subscriptions, target.subscriptions),
        _union("Tags", source.tags, target.tags),
        _union("Companies", source.companies, target.companies),
    )
    rows = [_taken(row) if row.key in take and row.takeable else row for row in found if row]
    return tuple(sorted(rows, key=lambda row: _ORDER.index(row.outcome)))


def chosen(source: Side, rows: Iterable[Change]) -> dict[str, Any]:
    """What is written to the survivor before the merge, as Intercom takes it: the values that a person chose."""
    taken = [row for row in rows if row.outcome == "replaced"]
    fields = {row.field: source.fields[row.field] for row in taken if not row.attribute}
    custom = {row.field: source.attributes[row.field] for row in taken if row.attribute}
    return fields | ({"custom_attributes": custom} if custom else {})


def _taken(row: Change) -> Change:
    return msgspec.structs.replace(row, outcome="replaced", result=row.from_value)


def nameless(side: Side) -> bool:
    """Whether nobody ever named it: without a name, or named by its own number."""
    name, phone = (str(side.fields.get(field) or "") for field in ("name", "phone"))
    return not name or (canonical(name) is not None and same_phone(name, phone or name))


def same_phone(one: str, other: str) -> bool:
    """Whether both are the same line, in whatever spelling."""
    number = canonical(other)
    return one == other or (number is not None and variants.same_line(one, number, whatsapp=True))


def _field(name: str, label: str, source: Side, target: Side) -> Change | None:
    mine, theirs = source.fields.get(name) or None, target.fields.get(name) or None
    if name == "name" and nameless(source):
        mine = None if theirs != mine else mine  # a number is no name: it stays in the phone field
    same = mine == theirs or (name == "phone" and bool(mine and theirs) and same_phone(str(mine), str(theirs)))
    return _row(name, label, mine, theirs, same=same)


def _attribute(name: str, source: Mapping[str, Any], target: Mapping[str, Any]) -> Change | None:
    mine, theirs = source.get(name), target.get(name)
    return _row(name, name, mine, theirs, same=written(mine) == written(theirs), attribute=True)


def _row(field: str, label: str, mine: Any, theirs: Any, *, same: bool, attribute: bool = False) -> Change | None:
    if mine is None and theirs is None:
        return None
    outcome: Outcome = "adopted"
    if same:
        outcome = "same"
    elif mine is None:
        outcome = "kept"
    elif theirs is not None or field in NEVER_ADOPTED:
        outcome = "discarded"
    return Change(
        field=field,
        label=label,
        from_value=written(mine),
        into_value=written(theirs),
        outcome=outcome,
        result=written(mine if outcome == "adopted" else theirs),
        attribute=attribute,
    )


def _subscriptions(source: Sequence[Subscription], target: Sequence[Subscription]) -> Iterable[Change]:
    """A refusal holds, whoever of the two said it: Leadline writes it to the survivor where Intercom does not."""
    sides = [{each.key: each for each in subscriptions} for subscriptions in (source, target)]
    for key in dict.fromkeys((*sides[1], *sides[0])):
        mine, theirs = (side.get(key) for side in sides)
        name = (mine or theirs or Subscription(key, key, "")).name
        told = tuple(consent_words(each) if each else "" for each in (mine, theirs))
        refuses = mine is not None and mine.consent == "opt_out"
        outcome: Outcome = "same" if told[0] == told[1] else "kept" if not told[0] else "adopted"
        if mine and theirs and outcome == "adopted" and not refuses:
            outcome = "discarded"
        result = told[0] if outcome == "adopted" else told[1]
        yield Change(
            field=f"{SUBSCRIPTION}{key}",
            label=f"Subscription {name}",
            from_value=told[0],
            into_value=told[1],
            outcome=outcome,
            result=result,
        )


def consent_words(subscription: Subscription) -> str:
    """A contact's choice in words."""
    return _CONSENTS.get(subscription.consent, subscription.consent)


def _union(label: str, source: Sequence[Named], target: Sequence[Named]) -> Change | None:
    mine, theirs = ([item.name for item in items] for items in (source, target))
    if not (mine or theirs):
        return None
    outcome: Outcome = "merged" if mine and theirs else "adopted" if mine else "kept"
    return Change(
        field=label.lower(),
        label=label,
        from_value=", ".join(mine),
        into_value=", ".join(theirs),
        outcome="same" if sorted(mine) == sorted(theirs) else outcome,
        result=", ".join(dict.fromkeys((*theirs, *mine))),
    )

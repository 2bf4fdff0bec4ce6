"""What a merge of two contacts would do, and whether Intercom allows it.

`merging/desk.py` reads both and asks here; pure.

Rules of POST /contacts/merge and of its preview: Intercom's API description 2.7 to 2.16, read 2026-11-24.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from leadline.identity.handles import spoken
from leadline.identity.merge_refusals import refused
from leadline.identity.merge_sides import FIELDS, Named, Side, written
from leadline.model import Reason, Role, Struct

__all__ = ["Change", "Moves", "Option", "Outcome", "Preview", "Side", "Way", "preview", "token"]

Way = Literal["merge", "promote", "reroute"]
Outcome = Literal["adopted", "kept", "same", "discarded", "merged"]

NEVER_ADOPTED = ("external_id",)  # ids of a lead are never added to a user (Intercom's lead conversion page)
RECENT = 86_400.0
FINAL = "Intercom cannot take a merge back. Leadline can rebuild the lead afterwards, but not everything returns."


class Change(Struct, frozen=True, kw_only=True):
    """One field, both values as text, and what is left. `field` is Intercom's name, `label` the one for people.

    adopted: the survivor has none and gets the lead's. kept: only the survivor has one. discarded: both have one and
    the lead's is lost. merged: both lists become one. same: nothing to choose.
    """

    field: str
    label: str
    from_value: str
    into_value: str
    outcome: Outcome
    result: str


class Moves(Struct, frozen=True, kw_only=True):
    """What goes from the lead to the survivor."""

    conversations: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    companies: tuple[str, ...] = ()
    notes: int = 0
    handles: tuple[str, ...] = ()


class Option(Struct, frozen=True, kw_only=True):
    """One way to bring the two together, as it is put before a person."""

    way: Way
    label: str
    explanation: str
    reversible: bool
    changes: tuple[Change, ...]
    moves: Moves


class Preview(Struct, frozen=True, kw_only=True):
    """A merge before it is made. `source` goes, `target` stays; the first option is the usual one.

    warnings: codes with their sentences in `detail`. final: what a person must know before confirming.
    token: changes when a side changed in what people compare; a message that comes meanwhile does not change it.
    """

    source: Side
    target: Side
    options: tuple[Option, ...]
    warnings: tuple[Reason, ...]
    token: str
    final: str = FINAL

    def option(self, way: Way) -> Option:
        """The option of this way; raises MergeRefused when these two cannot be brought together so."""
        for option in self.options:
            if option.way == way:
                return option
        raise refused("needs_way" if way == "merge" else "wrong_way", name=self.target.name)


def preview(source: Side, target: Side, *, workspace_id: str, now: float) -> Preview:
    """Everything a person should see before merging `source` into `target`; raises MergeRefused.

    now: unix seconds.
    """
    _check(source, target, workspace_id)
    return Preview(
        source=source,
        target=target,
        options=_options(source, target),
        warnings=_warnings(source, target, now),
        token=token(source, target),
    )


def _check(source: Side, target: Side, workspace_id: str) -> None:
    if source.contact_id == target.contact_id:
        raise refused("same_contact")
    for side in (source, target):
        if side.workspace_id not in ("", workspace_id):
            raise refused("another_workspace", name=side.name)
        if side.archived:
            raise refused("archived", name=side.name)
    if source.role == Role.USER:
        raise refused("user_to_lead" if target.role == Role.LEAD else "user_to_user", name=source.name)


def _options(source: Side, target: Side) -> tuple[Option, ...]:
    changes, moves = _changes(source, target), _moves(source)
    only_messages = _reroute(source, target)
    if target.role == Role.USER:
        text = f"{source.name} ends in {target.name}: conversations, notes, tags and future messages. {FINAL}"
        return (_option("merge", "Merge", text, changes, moves), only_messages)
    text = (
        f"Intercom merges leads only into users. So {target.name} becomes a user first, for ever, then {source.name} "
        f"ends in it. {FINAL}"
    )
    return (_option("promote", "Make the other one a user, then merge", text, changes, moves), only_messages)


def _reroute(source: Side, target: Side) -> Option:
    text = (
        f"Future messages of {source.name} go to {target.name}. Both contacts and all conversations stay as they are "
        "in Intercom, and this can be taken back at any time."
    )
    moves = Moves(handles=source.handles)
    return _option("reroute", "Only send future messages there", text, (), moves, reversible=True)


def _option(
    way: Way, label: str, explanation: str, changes: tuple[Change, ...], moves: Moves, *, reversible: bool = False
) -> Option:
    return Option(way=way, label=label, explanation=explanation, reversible=reversible, changes=changes, moves=moves)


def _changes(source: Side, target: Side) -> tuple[Change, ...]:
    plain = [_change(field, label, source.fields, target.fields) for field, label in FIELDS.items()]
    names = dict.fromkeys((*target.attributes, *source.attributes))
    custom = [_change(name, name, source.attributes, target.attributes) for name in names]
    lists = [_union("Tags", source.tags, target.tags), _union("Companies", source.companies, target.companies)]
    return tuple(filter(None, (*plain, *custom, *lists)))


def _change(field: str, label: str, source: Mapping[str, Any], target: Mapping[str, Any]) -> Change | None:
    mine, theirs = written(source.get(field)), written(target.get(field))
    outcome: Outcome = "adopted"
    if mine == theirs:
        outcome = "same"
    elif not mine:
        outcome = "kept"
    elif theirs or field in NEVER_ADOPTED:
        outcome = "discarded"
    if not (mine or theirs):
        return None
    result = mine if outcome == "adopted" else theirs
    return Change(field=field, label=label, from_value=mine, into_value=theirs, outcome=outcome, result=result)


def _union(label: str, source: Sequence[Named], target: Sequence[Named]) -> Change | None:
    mine, theirs = ([item.name for item in items] for items in (source, target))
    if not (mine or theirs):
        return None
    both = ", ".join(dict.fromkeys((*theirs, *mine)))
    outcome: Outcome = "merged" if mine and theirs else "adopted" if mine else "kept"
    return Change(
        field=label.lower(),
        label=label,
        from_value=", ".join(mine),
        into_value=", ".join(theirs),
        outcome="same" if sorted(mine) == sorted(theirs) else outcome,
        result=both,
    )


def _moves(source: Side) -> Moves:
    return Moves(
        conversations=source.conversations,
        tags=tuple(tag.name for tag in source.tags),
        companies=tuple(company.name for company in source.companies),
        notes=len(source.notes),
        handles=source.handles,
    )


def _warnings(source: Side, target: Side, now: float) -> tuple[Reason, ...]:
    found: list[Reason] = []
    for field, word in (("name", "names"), ("email", "e-mails"), ("phone", "phones")):
        mine, theirs = written(source.fields.get(field)), written(target.fields.get(field))
        nameless = field == "name" and mine == written(source.fields.get("phone"))  # nobody told it another name
        if mine and theirs and mine.casefold() != theirs.casefold() and not nameless:
            found.append(Reason(f"different_{field}s", f"They have different {word}: {mine} and {theirs}."))
    if target.handles:
        found.append(Reason("other_channels", f"Messages of {spoken(target.handles)} already go to {target.name}."))
    if now - target.last_active_at < RECENT:
        found.append(Reason("recent_activity", f"{target.name} was active in the last 24 hours. Same person?"))
    if target.role == Role.LEAD:
        found.append(Reason("lead_target", f"{target.name} is a lead too: choose how the two are brought together."))
    if source.fields.get("unsubscribed_from_emails") and not target.fields.get("unsubscribed_from_emails"):
        found.append(Reason("unsubscribed", f"{source.name} has unsubscribed from e-mails, {target.name} has not."))
    return tuple(found)


def token(source: Side, target: Side) -> str:
    """32 hex digits of what people compare before they confirm: not the times, not what was written meanwhile."""
    seen = [
        (
            side.contact_id,
            side.role,
            side.archived,
            [
                sorted((name, written(value)) for name, value in values.items() if written(value))
                for values in (side.fields, side.attributes)
            ],
            sorted(item.key for item in (*side.tags, *side.companies)),
            sorted(side.handles),
        )
        for side in (source, target)
    ]
    return hashlib.sha256(msgspec.json.encode(seen)).hexdigest()[:32]

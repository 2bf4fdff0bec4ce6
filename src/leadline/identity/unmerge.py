"""What can be given back after a merge, and what cannot. `merging/undo.py` does what is planned here; pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from leadline.identity.merge import Way
from leadline.identity.merge_changes import CUSTOM, NEVER_ADOPTED
from leadline.identity.merge_sides import Named, Note, Side, Subscription, written
from leadline.identity.words import ended
from leadline.model import Role, Struct

GIVEN_AT_CREATION = ("name", "phone", "avatar", "language_override")
GIVEN_LATER = ("email", "owner_id", "unsubscribed_from_emails")
CLEARABLE = ("name", "email", "phone", "avatar", "language_override", "owner_id")


class Rebuild(Struct, frozen=True, kw_only=True):
    """The lead as it is made again, and what the survivor gives up.

    fields, later: set when the lead is made, and after it. clear, clear_attributes: names of what the survivor had
    adopted and has not changed since. lost: sentences about what does not return.
    """

    fields: Mapping[str, Any]
    later: Mapping[str, Any]
    attributes: Mapping[str, Any]
    tags: tuple[Named, ...]
    companies: tuple[Named, ...]
    subscriptions: tuple[Subscription, ...]
    notes: tuple[Note, ...]
    take_tags: tuple[Named, ...] = ()
    take_companies: tuple[Named, ...] = ()
    take_subscriptions: tuple[Subscription, ...] = ()
    restore: Mapping[str, Any] = {}
    restore_attributes: Mapping[str, Any] = {}
    lost: tuple[str, ...] = ()


def rebuild(source: Side, target: Side | None, survivor: Side | None, way: Way, take: Collection[str] = ()) -> Rebuild:
    """Plan the undo. target: the survivor before the merge, None without a journal. survivor: as it is now, None when
    it is gone. take: fields for which a person chose the lead's value.
    """
    before, now = target or _nobody(), survivor or _nobody()
    # Merged on since: nobody can tell what the one that is left had before, so nothing is taken off it.
    same = target is not None and survivor is not None and survivor.contact_id == target.contact_id
    chosen = {subscription.key for subscription in before.subscriptions}
    new = tuple(subscription for subscription in source.subscriptions if subscription.key not in chosen)
    fields = {name: source.fields[name] for name in CLEARABLE if source.fields.get(name)}
    custom = {key.removeprefix(CUSTOM) for key in take if key.startswith(CUSTOM)}
    return Rebuild(
        fields={name: source.fields[name] for name in GIVEN_AT_CREATION if source.fields.get(name)},
        later={name: source.fields[name] for name in GIVEN_LATER if source.fields.get(name)},
        attributes=source.attributes,
        tags=source.tags,
        companies=source.companies,
        subscriptions=source.subscriptions,
        notes=source.notes,
        take_tags=_only(source.tags, before.tags) if same else (),
        take_companies=_only(source.companies, before.companies) if same else (),
        take_subscriptions=tuple(each for each in new if each.consent == "opt_in") if same else (),
        restore=_restored(fields, before.fields, now.fields, take) if same else {},
        restore_attributes=_restored(source.attributes, before.attributes, now.attributes, custom) if same else {},
        lost=_lost(source, before, survivor, way, known=target is not None),
    )


def _restored(
    lead: Mapping[str, Any], before: Mapping[str, Any], now: Mapping[str, Any], take: Collection[str]
) -> dict[str, Any]:
    """What the survivor still has exactly as it came from the lead; anything else somebody wanted so."""
    came = {name: value for name, value in lead.items() if before.get(name) is None or name in take}
    return {
        name: before.get(name) for name, value in came.items() if name in now and written(now[name]) == written(value)
    }


def _only(mine: tuple[Named, ...], theirs: tuple[Named, ...]) -> tuple[Named, ...]:
    keys = {item.key for item in theirs}
    return tuple(item for item in mine if item.key not in keys)


def _lost(source: Side, target: Side, survivor: Side | None, way: Way, *, known: bool) -> tuple[str, ...]:
    lines = ["The lead has a new id, so links to its old profile no longer work."]
    if survivor is None:
        name = target.name if known else "the survivor"
        lines.append(f"{name} was deleted in Intercom. Its conversations, events and visits are gone with it.")
    else:
        lines += _stay(source, survivor, known=known)
    if known and survivor is not None and survivor.contact_id != target.contact_id:
        lines.append(f"{target.name} was merged into {survivor.name} since, which keeps what came from the lead.")
    if any(source.fields.get(field) for field in NEVER_ADOPTED):
        lines.append(f"Its old user id ({source.fields['external_id']}) is used up in Intercom, so it has a new one.")
    if source.role == Role.USER:
        lines.append("It was a user, and comes back as a lead.")
    if way == "promote" and survivor is not None:
        lines.append(f"{survivor.name} stays a user, because Intercom never turns a user into a lead.")
    if not known:
        lines.append("There is no journal of this merge, so Leadline knows only the addresses of the lead.")
    return tuple(lines)


def _stay(source: Side, survivor: Side, *, known: bool) -> list[str]:
    """What the survivor keeps, since Intercom gives it back to nobody."""
    name, lines = survivor.name, []
    if source.conversations or not known:
        lines.append(f"Its earlier conversations stay with {name}, because Intercom does not move them back.")
    if source.notes:
        lines.append(f"Its notes are copied back but also stay with {name}: Intercom's API cannot delete a note.")
    if refused := [each.name for each in source.subscriptions if each.consent == "opt_out"]:
        # A refusal kept by mistake costs a newsletter, one dropped by mistake breaks a promise.
        lines.append(ended(f"{name} keeps the lead's opt-outs: {', '.join(refused)}"))
    return [*lines, f"Events, visits and dates that Intercom recorded for the lead stay with {name} or are lost."]


def _nobody() -> Side:
    return Side(contact_id="", role=Role.LEAD)

"""After a merge: what Leadline still writes so that the preview comes true, and what differs from it all the same.

`merging/afterwards.py` reads the survivor back and asks here. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from leadline.identity.merge_changes import SUBSCRIPTION, Change, consent_words, nameless, same_phone
from leadline.identity.merge_sides import FIELDS, Note, Side, Subscription, written
from leadline.identity.words import ended
from leadline.model import Struct


class Amends(Struct, frozen=True, kw_only=True):
    """What is to be written to the survivor; empty where Intercom left everything as the preview said."""

    fields: Mapping[str, Any] = {}
    refusals: tuple[Subscription, ...] = ()


def amends(source: Side, target: Side, survivor: Side) -> Amends:
    """A number is not left as a name, and a refusal of the lead holds for the survivor too."""
    fields: dict[str, Any] = {}
    number = source.fields.get("name") if nameless(source) else None
    if number and not target.fields.get("name") and survivor.fields.get("name") == number:
        fields["name"] = None
    if source.fields.get("unsubscribed_from_emails") and not survivor.fields.get("unsubscribed_from_emails"):
        fields["unsubscribed_from_emails"] = True
    refused = {each.key for each in survivor.subscriptions if each.consent == "opt_out"}
    own = (each for each in source.subscriptions if each.consent == "opt_out")
    return Amends(fields=fields, refusals=tuple(each for each in own if each.key not in refused))


def differences(rows: Sequence[Change], survivor: Side) -> tuple[str, ...]:
    """One sentence for each field that is not as the preview said; `rows` are the changes of its option."""
    found = [_difference(row.label, row.result, now) for row in rows if not _agree(row, now := _now(row, survivor))]
    shown = {row.field for row in rows}
    extra = ((label, written(survivor.fields.get(name) or None)) for name, label in FIELDS.items() if name not in shown)
    return (*found, *(_difference(label, "", value) for label, value in extra if value))


def lost_note(source: Side, rows: Sequence[Change]) -> Note | None:
    """What a merge loses of the lead as a note for the survivor; None when nothing is lost."""
    lines = [f"{row.label}: {row.from_value}" for row in rows if row.outcome == "discarded" and row.from_value]
    if not lines:
        return None
    head = f"Leadline merged {source.name} into this contact. These values of {source.name} were lost:"
    return Note("".join(f"<p>{escape(line)}</p>" for line in (head, *lines)))


def _difference(label: str, expected: str, now: str) -> str:
    return ended(f"{label}: the preview said {expected or 'empty'}, but Intercom has {now or 'nothing'}")


def _now(row: Change, survivor: Side) -> str:
    if row.attribute:
        return written(survivor.attributes.get(row.field))
    if row.field in FIELDS:
        return written(survivor.fields.get(row.field) or None)
    if row.field.startswith(SUBSCRIPTION):
        key = row.field.removeprefix(SUBSCRIPTION)
        return next((consent_words(each) for each in survivor.subscriptions if each.key == key), "")
    return ", ".join(item.name for item in (survivor.tags if row.field == "tags" else survivor.companies))


def _agree(row: Change, now: str) -> bool:
    if row.field in ("tags", "companies") and not row.attribute:
        return set(_items(now)) == set(_items(row.result))
    return now == row.result or (row.field == "phone" and bool(now and row.result) and same_phone(now, row.result))


def _items(names: str) -> Iterator[str]:
    return (name for name in names.split(", ") if name)

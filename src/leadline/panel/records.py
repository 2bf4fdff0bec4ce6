"""Contacts, merges and corrections as the panel lists them, and their numbers in component ids. Pure."""

from __future__ import annotations

from leadline.errors import LeadlineError
from leadline.intercom.inbox_views import Hit, Record
from leadline.merging import MergeRecord, Twins, foretold
from leadline.merging.records import STATES
from leadline.model import Candidate
from leadline.people import Correction
from leadline.people.wording import title_of


def hit_of(contact: Candidate, why: tuple[str, ...] = ()) -> Hit:
    """A contact to choose."""
    return Hit(
        contact_id=contact.contact_id,
        role=contact.role.value,
        name=contact.name,
        email=contact.email,
        phone=contact.phone,
        external_id=contact.external_id,
        why=why,
    )


def merge_record(record: MergeRecord) -> Record:
    """A merge as a line of the history."""
    return Record(
        key=f"undo:{record.merge_id}",
        title=foretold.title_of(record),
        author=record.author,
        at=(record.undone_at or record.settled_at or record.planned_at).timestamp(),
        state="" if record.state == "merged" else STATES.get(record.state, record.state),
        undo=record.undoable and bool(record.from_name),
    )


def correction_record(one: Correction, contact_id: str) -> Record:
    """A correction as a line of this contact's history."""
    return Record(
        key=f"uncorrect:{one.correction_id}",
        title=title_of(one, contact_id),
        author=one.author,
        at=one.at,
        state="undone" if one.undone else "",
        undo=not one.undone,
    )


def join_of(twins: Twins) -> tuple[str, str]:
    """Two conversations that can be merged: the component's id, and what there is."""
    return f"join:{twins.from_id}:{twins.into_id}", twins.sentence


def number_of(component_id: str) -> int:
    """The number behind the colon; raises LeadlineError."""
    digits = component_id.partition(":")[2]
    if not digits.isdecimal():
        raise LeadlineError("This button is from an older panel. Go back and try again.")
    return int(digits)

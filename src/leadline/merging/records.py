"""What callers of `desk.py` get, in words: the outcome of a merge or an undo, one line of the history. Pure."""

from __future__ import annotations

from datetime import datetime

import msgspec

from leadline.identity.merge import Way
from leadline.identity.merge_refusals import MergeRefused
from leadline.identity.words import ended
from leadline.merging.journal import Row, moved_of
from leadline.merging.undo import Report
from leadline.model import Struct

STATES = {
    "planned": "planned",
    "calling": "under way",
    "merged": "merged",
    "refused": "refused by Intercom",
    "cancelled": "cancelled",
    "undoing": "being undone",
    "undone": "undone",
}
"""State of a merge → what people call it."""


class Merged(Struct, frozen=True, kw_only=True):
    """What became of a merge. state: `merged`, or `planned` and `calling` while it is still under way.

    contact_id: the contact future messages go to. differences: where the survivor is not as the preview said.
    """

    merge_id: int
    state: str
    way: Way
    from_id: str
    contact_id: str
    sentence: str
    differences: tuple[str, ...] = ()


class Undone(Struct, frozen=True, kw_only=True):
    """What became of an undo. state: `cancelled` (never happened), `undone`, or `undoing` while it is under way.

    contact_id: the lead that future messages go to; empty while it is not made. returned, lost: sentences.
    """

    merge_id: int
    state: str
    contact_id: str
    returned: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


class MergeRecord(Struct, frozen=True, kw_only=True):
    """One line of the history. Names are empty where there is no journal; author `Intercom` was not Leadline's."""

    merge_id: int
    from_id: str
    into_id: str
    from_name: str
    into_name: str
    way: Way
    author: str
    state: str
    code: str
    explanation: str
    planned_at: datetime
    settled_at: datetime | None
    undo_author: str
    undo_contact_id: str
    undone_at: datetime | None
    erased_at: datetime | None
    handles: tuple[str, ...]
    take: tuple[str, ...] = ()
    differences: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()

    @property
    def undoable(self) -> bool:
        """Whether an undo may be asked for."""
        return self.state == "planned" or (self.state == "merged" and self.erased_at is None)


def merged_of(row: Row, names: tuple[str, str]) -> Merged:
    """What became of a merge; raises MergeRefused where it was not made."""
    if row["state"] in {"refused", "cancelled"}:
        raise MergeRefused(row["code"] or row["state"], row["explanation"] or "The merge was cancelled.")
    return Merged(
        merge_id=row["merge_id"],
        state="calling" if _is_due(row) else row["state"],
        way=row["way"],
        from_id=row["from_id"],
        contact_id=row["into_id"],
        sentence=_sentence(row, names),
        differences=tuple(row["differences"]),
    )


def _sentence(row: Row, names: tuple[str, str]) -> str:
    source, target = names
    source, target = source or row["from_id"], target or row["into_id"]
    if row["state"] == "calling" or _is_due(row):
        return f"The merge of {source} into {target} is under way. It continues by itself. Look again in a moment."
    if row["state"] == "planned":
        return f"{source} will be merged into {target} in {max(1, round(row['due_in']))} seconds. Undo cancels it."
    if row["way"] == "reroute":
        return ended(f"Future messages from {source} go to {target}") + " Nothing was changed in Intercom."
    told = ended(f"{source} has been merged into {target}") + " Future messages go there."
    if awaits_comparison(row):
        return f"{told} Leadline has yet to read {target} back and compare it with the preview."
    return told


def undone_of(row: Row) -> Undone:
    """What became of an undo."""
    report = _report(row)
    return Undone(
        merge_id=row["merge_id"],
        state=row["state"],
        contact_id=row["undo_contact_id"],
        returned=report.returned,
        lost=report.lost,
    )


def record_of(row: Row, names: tuple[str, str]) -> MergeRecord:
    """One merge as a line of the history."""
    same = {
        name: row[name] for name in MergeRecord.__struct_fields__ if name in row and not isinstance(row[name], list)
    }
    from_name, into_name = names
    report = _report(row)
    return MergeRecord(
        **same,
        from_name=from_name,
        into_name=into_name,
        handles=moved_of(row).handles,
        take=tuple(row["take"]),
        differences=tuple(row["differences"]),
        returned=report.returned,
        lost=report.lost,
    )


def awaits_comparison(row: Row) -> bool:
    """Made, but not read back yet."""
    return bool(row["state"] == "merged" and row["way"] != "reroute" and row["compared_at"] is None)


def _is_due(row: Row) -> bool:
    """Planned, and not waiting for its time to be cancelled to pass: it is being made."""
    return bool(row["state"] == "planned" and row["due_in"] <= 0)


def _report(row: Row) -> Report:
    return msgspec.convert(row["undo_report"] or {}, Report)

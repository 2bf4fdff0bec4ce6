"""What callers of `desk.py` get: the outcome of a merge or an undo, and one line of the history."""

from __future__ import annotations

from datetime import datetime

from leadline.identity.merge import Way
from leadline.model import Struct


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

"""A batch and its merges as people see them. `batch_record.py` reads them; the CLI and the console show them. Pure."""

from __future__ import annotations

from datetime import datetime

from leadline.identity.merge import Way
from leadline.model import Struct

STATES = {
    "running": "running",
    "stopped": "stopped",
    "done": "done",
    "undoing": "being undone",
    "partly_undone": "partly undone",
    "undone": "undone",
}
"""State of a batch → what people call it."""


class Batch(Struct, frozen=True, kw_only=True):
    """One batch and how far it is. least: tenths of a point that a pair must still have just before its merge.

    at_work: whether a process merges or undoes in this workspace now.
    """

    batch_id: int
    author: str
    state: str
    unattended: bool
    least: int
    made_at: datetime
    ended_at: datetime | None
    merges: int
    waiting: int
    merged: int
    refused: int
    skipped: int
    undone: int
    at_work: bool = False

    @property
    def broken_off(self) -> bool:
        """Whether the process that was at it is gone."""
        return self.state in ("running", "undoing") and not self.at_work

    @property
    def state_in_words(self) -> str:
        """Its state in words."""
        return f"{STATES[self.state]}, broken off" if self.broken_off else STATES[self.state]


class BatchMerge(Struct, frozen=True, kw_only=True):
    """One merge of a batch. explanation: why it was refused or skipped, or what its undo could not bring back."""

    position: int
    from_id: str
    into_id: str
    way: Way
    state: str
    merge_id: int | None
    evidence: str
    explanation: str

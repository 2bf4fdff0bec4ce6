"""One thing that `leadline doctor` looked at, and what it found."""

from __future__ import annotations

from leadline.model import Struct


class Finding(Struct, frozen=True):
    """One check and what it found; `trouble` is empty when all is well.

    workspace_id: whose people may read it; empty where it is about the installation. is_note: nothing is broken, but
    something is not set up, not proved yet, or waits for a person.
    """

    part: str
    trouble: str = ""
    word: str = "fine"
    workspace_id: str = ""
    is_note: bool = False

    @property
    def state(self) -> str:
        """In one word, for a list."""
        return "WRONG" if self.trouble else "note" if self.is_note else "ok"

"""One thing that `leadline doctor` looked at, and what it found."""

from __future__ import annotations

from leadline.model import Struct


class Finding(Struct, frozen=True):
    """One check and what it found; `trouble` is empty when all is well.

    workspace_id: whose people may read it; empty where it is about the installation.
    """

    part: str
    trouble: str = ""
    word: str = "fine"
    workspace_id: str = ""

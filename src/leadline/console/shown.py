"""What the pages show of a decision, as values: two equal ones need no new drawing. `records.py` makes them."""

from __future__ import annotations

from leadline.model import Struct

OUTCOMES = {
    "known": "Known sender",
    "found": "Found",
    "lead": "New lead",
    "doubt": "In doubt",
    "undecided": "Not decided yet",
}
"""How a sender was recognised, as the database's function `outcome` says it, in words."""


class Choice(Struct, frozen=True, kw_only=True):
    """One contact that could have been the sender."""

    contact_id: str
    role: str
    name: str
    phone: str
    chosen: bool


class Why(Struct, frozen=True, kw_only=True):
    """A decision in words."""

    message: int
    code: str
    policy: str
    doubtful: bool
    sentences: tuple[str, ...]
    choices: tuple[Choice, ...]

"""What the pages show of a decision, as values: two equal ones need no new drawing. `records.py` makes them."""

from __future__ import annotations

from leadline.console.language import _, marked
from leadline.identity.reasons import title
from leadline.model import Struct

OUTCOMES = {
    "known": marked("Known sender"),
    "found": marked("Found"),
    "lead": marked("New lead"),
    "doubt": marked("In doubt"),
    "undecided": marked("Not decided yet"),
}
"""How a sender was recognised, as the database's function `outcome` says it, in words."""


def reasons_shown(codes: str) -> str:
    """Reasons of a doubt, as links keep them comma separated, in the reader's language."""
    return ", ".join(_(title(code)) for code in codes.split(",") if code)


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

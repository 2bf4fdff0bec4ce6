"""What the pages show of a decision, as values: two equal ones need no new drawing. `records.py` makes them."""

from __future__ import annotations

from leadline.model import Struct


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

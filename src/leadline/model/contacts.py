"""Contacts, and the decision that a message is one's. `identity` makes these, they are stored and shown."""

from __future__ import annotations

from enum import StrEnum

from leadline.model.handles import Struct


class Role(StrEnum):
    """Role of an Intercom contact."""

    LEAD = "lead"
    USER = "user"


class Candidate(Struct, frozen=True, kw_only=True):
    """An Intercom contact that may be the sender. `updated_at` in unix seconds, `phone` as Intercom stores it."""

    contact_id: str
    role: Role
    name: str = ""
    email: str = ""
    phone: str = ""
    external_id: str = ""
    updated_at: int = 0
    last_seen_at: int = 0


class Reason(Struct, frozen=True):
    """Why: a stable snake_case code, and the values that fill its sentence for people."""

    code: str
    detail: str = ""


class Decision(Struct, frozen=True, kw_only=True):
    """What was chosen for one message. `contact_id` is None when a new lead is to be made."""

    contact_id: str | None
    reasons: tuple[Reason, ...]
    policy: str
    candidates: tuple[Candidate, ...] = ()
    doubtful: bool = False

    @property
    def code(self) -> str:
        """The reason that settled it."""
        return self.reasons[0].code

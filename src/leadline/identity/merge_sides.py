"""One of the two contacts of a merge, whole: `intercom/merges.py` reads it, the plans compare it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leadline.identity.words import phone
from leadline.model import Role, Struct

FIELDS = {
    "name": "Name",
    "email": "E-mail",
    "phone": "Phone",
    "external_id": "User id",
    "language_override": "Language",
    "owner_id": "Owner",
    "avatar": "Picture",
    "unsubscribed_from_emails": "Unsubscribed from e-mails",
}
"""Plain fields of a contact that people compare: Intercom's name and the one for people."""


class Named(Struct, frozen=True):
    """A tag or a company: Intercom's id and the name people know."""

    key: str
    name: str


class Subscription(Struct, frozen=True):
    """A choice a contact has made itself; `consent` is opt_in or opt_out."""

    key: str
    name: str
    consent: str


class Note(Struct, frozen=True):
    """A note on a contact; body is Intercom's HTML."""

    body: str
    created_at: int = 0


class Side(Struct, frozen=True, kw_only=True):
    """One of the two contacts, whole: what Intercom has, and the handles Leadline has linked to it.

    fields: the values of FIELDS that are set. conversations: ids, newest first. last_active_at: unix seconds.
    raw: the contact as Intercom gave it, for the journal.
    """

    contact_id: str
    role: Role
    workspace_id: str = ""
    archived: bool = False
    fields: Mapping[str, Any] = {}
    attributes: Mapping[str, Any] = {}
    tags: tuple[Named, ...] = ()
    companies: tuple[Named, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    notes: tuple[Note, ...] = ()
    conversations: tuple[str, ...] = ()
    handles: tuple[str, ...] = ()
    last_active_at: float = 0.0
    raw: Mapping[str, Any] = {}

    @property
    def name(self) -> str:
        """How people know it: the name, else an address, else the id."""
        known = (self.fields.get(field) for field in ("name", "email", "phone"))
        return phone(str(next(filter(None, known), self.contact_id)))


def written(value: Any) -> str:
    """A value as people compare it: 0, no and an empty text are values, only what is not set is an empty text."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value).strip() or "empty"

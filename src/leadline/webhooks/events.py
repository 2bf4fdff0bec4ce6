"""What other systems can be told, and how one event is written. Triggers of the database decide that it happened."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from leadline.model import Struct

EVENTS = {
    "message.received": "a customer's message is in Intercom",
    "message.sent": "the provider took a message to a customer",
    "message.delivered": "it reached the customer",
    "message.failed": "it did not, and why",
    "contact.created": "Leadline made a lead in Intercom",
    "contact.merged": "a contact went into another one",
    "contact.opted_out": "a customer refuses messages on a channel",
}
"""Name of an event → what it tells."""


class Event(Struct, frozen=True, kw_only=True):
    """One event for one webhook. content: ids and states, and texts where the webhook is to have them."""

    event_id: UUID
    kind: str
    at: datetime
    content: dict[str, Any]
    tries: int = 1

    @property
    def name(self) -> str:
        """The same however often it is sent."""
        return f"evt_{self.event_id.hex}"

    def body(self) -> bytes:
        """The same bytes each time it is sent."""
        at = self.at.astimezone(UTC).isoformat().replace("+00:00", "Z")
        return msgspec.json.encode({"type": self.kind, "id": self.name, "timestamp": at, "data": self.content})

"""What the list shows of a message, as values: two equal ones need no new drawing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from leadline.console.drawing import shorten
from leadline.console.language import _, marked
from leadline.console.records import why_of
from leadline.console.retold import retold
from leadline.identity import resemblance
from leadline.identity.reasons import title
from leadline.identity.words import phone
from leadline.model import Struct

STATES = {
    "waiting": marked("waiting"),
    "done": marked("in Intercom"),
    "parked": marked("parked"),
    "dropped": marked("dropped"),
}
LONGEST = 160  # letters of a text


class MessageShown(Struct, frozen=True, kw_only=True):
    """One message and its decision."""

    arrival_id: int
    channel: str
    sender: str
    name: str
    content: str
    state: str
    explanation: str
    reason: str
    contact: str
    contact_id: str
    doubtful: bool
    at: datetime


def message_of(
    row: Mapping[str, Any], names: Mapping[int, str], people: Mapping[str, str] | None = None
) -> MessageShown:
    """Of a row of `messages_found`; names: of the channels; people: names of contacts by their id."""
    why = why_of(row) if row["document"] else None
    name = str((row["content"].get("profile") or {}).get("name", ""))
    known = (people or {}).get(row["contact_id"] or "") or _("Contact")
    return MessageShown(
        arrival_id=row["arrival_id"],
        channel=names.get(row["channel_id"], _("removed channel")),
        sender=sender(row["content"]),
        name=name,
        content=content(row["content"]),
        state=row["state"],
        explanation=retold(row["explanation"]) if row["state"] != "done" else "",
        reason=_(title(why.code)) if why else "",
        contact=next((one.name for one in why.choices if one.chosen and one.name), _spelt(known, name)) if why else "",
        contact_id=row["contact_id"] or "",
        doubtful=bool(why and why.doubtful),
        at=row["arrived_at"],
    )


def _spelt(known: str, name: str) -> str:
    """The directory keeps plain letters; where the sender has this name, as they write it."""
    return name if name and resemblance.shown(name) == known else known


def sender(message: Mapping[str, Any]) -> str:
    """Who wrote, as people read it: their phone number where the channel tells it."""
    phones = [each["value"] for each in message.get("handles", ()) if each["scheme"] == "tel"]
    return phone(str(next(iter(phones), message.get("sender", ""))))


def content(message: Mapping[str, Any]) -> str:
    """What was written, in one line."""
    return shorten(str(message.get("text", "")), LONGEST) or (_("[attachment]") if message.get("attachments") else "")


def tone(state: str) -> str:
    """The look of a state's tag."""
    return {"parked": "bad", "dropped": "bad", "done": "good"}.get(state, "plain")

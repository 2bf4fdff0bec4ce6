"""Reads one event of the channel one connects oneself. Called by `adapter.py:GenericHTTP.parse`."""

from __future__ import annotations

from typing import Any

import msgspec

from leadline.channels.exchange import Parsed
from leadline.channels.generic import wire
from leadline.channels.http import decoded, phone_or_sender
from leadline.channels.reasons import REASONS
from leadline.channels.words import lines, place, reacted
from leadline.errors import Unreadable
from leadline.model import Attachment, Consent, DeliveryState, Forwarded, Handle, Inbound, Profile, Quote, StatusUpdate

STATES = {
    "sent": DeliveryState.SENT,
    "delivered": DeliveryState.DELIVERED,
    "read": DeliveryState.READ,
    "failed": DeliveryState.FAILED,
}
WRITTEN = ("message", "edit", "delete", "reaction")
OTHERS = ("blocked", "unblocked", "status")
_EVENT = msgspec.json.Decoder(wire.Event)


def read_event(body: bytes, number: str, scope: str) -> Parsed:
    """What an event says; raises Unreadable.

    number: the webhook-id, which a repetition has too. scope: of the customers' ids; empty where they are phones.
    """
    event = decoded(_EVENT, body)
    if event.type == "status":
        return _status(event)
    if event.type not in (*WRITTEN, *OTHERS):
        raise Unreadable(f"type is '{event.type[:40]}': it must be one of {', '.join((*WRITTEN, *OTHERS))}")
    if event.sender is None:
        raise Unreadable("from is missing: without it nobody knows who wrote")
    if event.type in ("blocked", "unblocked"):
        return _consent(event, event.sender, number, scope)
    return _message(event, event.sender, number, scope)


def reason_of(given: str) -> str:
    """The reason another system gives, where it is one of Leadline's."""
    return given if given in REASONS else "provider_error"


def _message(event: wire.Event, sender: wire.Sender, number: str, scope: str) -> Parsed:
    """A message, a reaction to one, a new wording of one, or the word that it was taken back."""
    own = event.message.id or number
    if not own:
        raise Unreadable("message.id is missing, and so is the header webhook-id: one of them must name the message")
    again = event.type != "message"
    phone = phone_or_sender(sender.verified_phone, digits_only=True)
    inbound = Inbound(
        provider_id=f"{own}/{event.type}/{number or event.message.text}" if again else own,
        sender=sender.reply_to or sender.id,
        handles=_handles(sender, scope),
        sent_at=_seconds(event.message.sent_at),
        profile=_profile(sender),
        attested=(phone,) if phone.is_phone else (),
        **_contents(event.type, event.message, own),
    )
    return Parsed(messages=(inbound,))


def _contents(kind: str, message: wire.Message, own: str) -> dict[str, Any]:
    """What is said, as fields of Inbound."""
    if kind == "delete":
        return {"quote": Quote(provider_id=own), "change": "withdrawn"}
    if kind == "reaction":
        return {"text": reacted(message.emoji), "quote": Quote(provider_id=own)}
    spot = message.location
    where = place(spot.latitude, spot.longitude, spot.name, spot.address) if spot else ""
    said = {"text": lines(message.text, where), "attachments": tuple(_file(file) for file in message.attachments)}
    if kind == "edit":
        return said | {"quote": Quote(provider_id=own), "change": "edited"}
    answered = message.reply_to
    quote = Quote(provider_id=answered.id, text=answered.text) if answered and (answered.id or answered.text) else None
    return said | {"quote": quote, "forwarded": Forwarded() if message.forwarded else None}


def _seconds(moment: float | None) -> float | None:
    """Unix seconds; whoever counts milliseconds is understood."""
    return moment / 1000 if moment is not None and moment > 1e11 else moment


def _consent(event: wire.Event, sender: wire.Sender, number: str, scope: str) -> Parsed:
    consent = Consent(
        provider_id=number or f"{sender.id}/{event.type}/{event.at}",
        handles=_handles(sender, scope),
        state="out" if event.type == "blocked" else "in",
        sender=sender.id,
        at=_seconds(event.at),
    )
    return Parsed(consents=(consent,))


def _status(event: wire.Event) -> Parsed:
    """What became of one reply, or of all replies to a customer until a moment."""
    state, watermark = STATES.get(event.state), event.until is not None and event.sender is not None
    if state is None or not (event.message.id or watermark):
        raise Unreadable(f"A status needs a state ({', '.join(STATES)}) and message.id, or from.id and until")
    failed = state is DeliveryState.FAILED
    update = StatusUpdate(
        state=state,
        outbound_id=event.message.id,
        reason=reason_of(event.reason) if failed else "",
        code=str(event.code) if failed else "",
        detail=event.detail if failed else "",
        at=_seconds(event.at),
        until=_seconds(event.until) if watermark and not event.message.id else None,
        sender=event.sender.id if event.sender and watermark and not event.message.id else "",
    )
    return Parsed(statuses=(update,))


def _handles(sender: wire.Sender, scope: str) -> tuple[Handle, ...]:
    return (Handle("http", sender.id, scope) if scope else phone_or_sender(sender.id, digits_only=True),)


def _file(file: wire.File) -> Attachment:
    return Attachment(content_type=file.content_type or "application/octet-stream", url=file.url, name=file.name)


def _profile(sender: wire.Sender) -> Profile:
    return Profile(
        name=sender.name,
        username=sender.username,
        avatar_url=sender.avatar_url,
        language=sender.language,
        country=sender.country,
        email=sender.email,
    )

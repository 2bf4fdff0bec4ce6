"""Reads one webhook of Bird: a message, what became of one, or a customer who opted out. Called by `adapter.py`.

Source: the event types of Bird's Python SDK 0.106.0 and its page on events, November 2026. The list of events is open.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from leadline.channels.anything import unknown
from leadline.channels.bird import wire
from leadline.channels.bird.codes import REASON_OF_CODE, STATES
from leadline.channels.exchange import Parsed
from leadline.channels.http import decoded, phone_or_sender, tried, utc_seconds
from leadline.channels.vcards import facts, is_number
from leadline.channels.whatsapp.codes import REASON_OF_CODE as REASON_OF_META_CODE
from leadline.channels.whatsapp.content import GROUP
from leadline.channels.words import UNREAD, card, lines, not_passed_on, place, reacted
from leadline.errors import Unreadable
from leadline.model import Attachment, Consent, DeliveryState, Handle, Inbound, Profile, Quote, StatusUpdate

_EVENT = msgspec.json.Decoder(wire.Event)
_SMS = msgspec.json.Decoder(wire.SMS)
_HEAD = msgspec.json.Decoder(wire.Head)
_CONTENT = msgspec.json.Decoder(wire.Content)
_SUPPRESSION = msgspec.json.Decoder(wire.Suppression)
NOISE = {
    "echo": "What the business wrote in the phone app, unless `show_echoes` is on",
    "elsewhere": "An event of another product of Bird's: e-mail, verification, domains",
}
PHONE_APP = "the WhatsApp Business app"
ELSEWHERE = ("email.", "verify.", "domain.", "webhook.", "template.", "whatsapp_template.", "number.")
AROUND = frozenset(
    {"whatsapp_id", "workspace_id", "direction", "from", "to", "metadata", "status", "type", "tags", "timestamp"}
)
USER_ID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9.]+", re.ASCII)


def read_event(body: bytes, event_id: str, business: str) -> Parsed:
    """What one webhook holds; raises Unreadable.

    event_id: names the webhook, the same in every repetition. business: scope of user ids; empty: Bird's workspace.
    """
    event = decoded(_EVENT, body)
    medium, _, what = event.type.partition(".")
    data, at = bytes(event.data), utc_seconds(event.timestamp)
    if event.type == "sms.received":
        return Parsed(messages=(_sms(decoded(_SMS, data), at),))
    if event.type == "whatsapp.received":
        return _whatsapp(decoded(_HEAD, data), data, business, at)
    if event.type == "whatsapp.reacted":
        return _reaction(decoded(_HEAD, data), event_id, business, at)
    if event.type in ("sms_suppression.created", "whatsapp_suppression.created"):
        return Parsed(consents=(_consent(decoded(_SUPPRESSION, data), business, at),))
    if medium == "sms" and what in STATES:
        sms = decoded(_SMS, data)
        return Parsed(statuses=(_status(what, sms.sms_id, sms.metadata, sms.error, account("sms", sms.sender), at),))
    if medium == "whatsapp" and what in STATES:
        head = decoded(_HEAD, data)
        own = account("whatsapp", head.sender.phone_number or "")
        return Parsed(statuses=(_status(what, head.whatsapp_id, head.metadata, head.error, own, at),))
    if event.type.startswith(ELSEWHERE):
        return Parsed(noise=("elsewhere",))
    raise Unreadable(f"An event of a kind that Leadline does not know: {event.type[:60] or 'nothing'}")


def account(medium: str, number: str) -> str:
    """How an own number is named among all that a webhook may serve; empty where there is no number."""
    return f"{medium}:{plain_number(number)}" if number else ""


def plain_number(number: str) -> str:
    """A number without what people put between its digits."""
    return re.sub(r"[^+0-9A-Za-z]", "", number)


def _sms(sms: wire.SMS, at: float | None) -> Inbound:
    text = "\n".join(filter(None, (sms.subject, sms.text)))
    return Inbound(
        provider_id=_named(sms.sms_id),
        sender=sms.sender,
        handles=(phone_or_sender(sms.sender, digits_only=False),),
        text=text or "[a file, which Bird does not pass on]",
        sent_at=at,
        profile=Profile(country=sms.country_code or ""),
        account=account("sms", sms.to),
    )


def _whatsapp(head: wire.Head, data: bytes, business: str, at: float | None) -> Parsed:
    """A customer's message; where its content cannot be read or is new, all that it holds is shown."""
    content = tried(_CONTENT, data)
    if content is None:
        text, files = unknown("", data, AROUND)
        text = lines(UNREAD, text.partition("\n")[2])
    else:
        text, files = _readable(content), _files(content)
    if not (text or files):
        text, files = unknown(head.kind, data, AROUND)
    if head.direction == "outbound":
        return _echo(head, business, at, text, files)
    attested = _attested(content) if content is not None else ()
    message = _message(head, business, at, text)
    return Parsed(messages=(msgspec.structs.replace(message, attachments=files, attested=attested),))


def _echo(head: wire.Head, business: str, at: float | None, text: str, files: tuple[Attachment, ...]) -> Parsed:
    """What the business wrote to a customer in the phone app."""
    handles = _handles(head.to, business or head.workspace_id)
    echo = Inbound(
        provider_id=_named(head.whatsapp_id),
        sender=head.to.phone_number or head.to.bsuid or "",
        handles=handles,
        text=text,
        attachments=files,
        sent_at=at,
        account=account("whatsapp", head.sender.phone_number or ""),
        author=PHONE_APP,
    )
    return Parsed(echoes=(echo,))


def _reaction(head: wire.Head, event_id: str, business: str, at: float | None) -> Parsed:
    """A reaction names the message it is about, so that the webhook's own id must tell it from others."""
    message = _message(head, business, at, reacted(head.emoji))
    quote = Quote(provider_id=head.whatsapp_id)
    return Parsed(messages=(msgspec.structs.replace(message, provider_id=_named(event_id), quote=quote),))


def _message(head: wire.Head, business: str, at: float | None, text: str) -> Inbound:
    """A message of one person, or of one in a group, whose name then stands before the words."""
    person, scope, group = head.sender, business or head.workspace_id, head.to.group_id
    name, number = person.display_name or person.username or "", person.phone_number or person.bsuid or ""
    who: dict[str, Any] = {
        "sender": number,
        "handles": _handles(person, scope),
        "profile": Profile(name=person.display_name or "", username=person.username or ""),
    }
    if group:
        address = f"{GROUP}{group}"
        called = Profile(name=f"WhatsApp group …{group[-6:]}")
        author = " ".join(filter(None, (name, f"({number})"))) if number else name
        who = {"sender": address, "handles": (Handle("whatsapp", address, scope),), "profile": called, "author": author}
    own = account("whatsapp", head.to.phone_number or "")
    return Inbound(provider_id=_named(head.whatsapp_id), text=text, sent_at=at, account=own, **who)


def _handles(person: wire.Address, scope: str) -> tuple[Handle, ...]:
    """The phone first where there is one, then the user id."""
    phone = person.phone_number or ""
    handles = [phone_or_sender(phone, digits_only=True)] if phone or not person.bsuid else []
    if person.bsuid:
        handles.append(Handle("whatsapp", person.bsuid, scope))
    return tuple(handles)


def _named(number: str) -> str:
    if not number:
        raise Unreadable("The event names no message")
    return number


def _files(content: wire.Content) -> tuple[Attachment, ...]:
    media = content.media
    if media is None or not media.url:
        return ()
    content_type = (media.mime_type or "").partition(";")[0].strip() or "application/octet-stream"
    return (Attachment(url=media.url, content_type=content_type, name=media.filename or ""),)


def _attested(content: wire.Content) -> tuple[Handle, ...]:
    """Numbers the customer shared because the business asked for the own one; Bird marks those cards."""
    cards = [card for card in content.contact_cards or () if card.origin == "contact_request"]
    numbers = [phone.phone_number for card in cards for phone in card.phone_numbers or () if phone.phone_number]
    handles = (phone_or_sender(number, digits_only=True) for number in numbers)
    return tuple(handle for handle in handles if handle.is_phone)


def _readable(content: wire.Content) -> str:
    """The message in words; empty where a file says it all, and for a kind that nobody knows."""
    if content.text is not None:
        return content.text.body
    if (media := content.media) is not None:
        return media.caption or ("" if media.url else "[a file, which WhatsApp could not pass on]")
    if (spot := content.location) is not None:
        known = (spot.latitude, spot.longitude) if spot.latitude is not None else ("", "")
        return place(*known, spot.name, spot.address, spot.url)
    if content.contact_cards:
        return "\n".join(_card(each) for each in content.contact_cards)
    if content.interactive_reply is not None:
        chosen = content.interactive_reply.button or content.interactive_reply.row or wire.Choice()
        return f"{chosen.text} ({chosen.description})" if chosen.description else chosen.text
    if content.unsupported is not None:
        return not_passed_on("WhatsApp", content.unsupported.type)
    return ""


def _card(given: wire.Card) -> str:
    numbers = [phone.phone_number or "" for phone in given.phone_numbers or ()]
    more = (fact for fact in facts(given.vcard or "") if not any(is_number(fact, number) for number in numbers))
    what = "Shared their own number" if given.origin == "contact_request" else "Contact"
    return card(given.name.formatted_name if given.name is not None else "", numbers, more, what=what)


def _consent(suppression: wire.Suppression, business: str, at: float | None) -> Consent:
    address = suppression.destination or suppression.address
    person = wire.Address(bsuid=address) if USER_ID.fullmatch(address) else wire.Address(phone_number=address)
    return Consent(
        provider_id=_named(suppression.suppression_id),
        handles=_handles(person, business or suppression.workspace_id),
        state="out",
        sender=address,
        at=at,
        account=account("sms", suppression.originator),
    )


def _status(
    what: str, number: str, metadata: dict[str, Any] | None, error: wire.Trouble | None, own: str, at: float | None
) -> StatusUpdate:
    state = STATES[what]
    failed = state is DeliveryState.FAILED
    trouble = error if failed and error is not None else wire.Trouble()
    return StatusUpdate(
        state=state,
        provider_id=_named(number),
        outbound_id=str((metadata or {}).get("outbound_id") or ""),
        reason=_reason(what, trouble) if failed else "",
        code=trouble.meta_error_code or trouble.code,
        detail=trouble.description or "",
        at=at,
        account=own,
    )


def _reason(what: str, trouble: wire.Trouble) -> str:
    """Meta's own code says most, then Bird's, then the event."""
    meta = trouble.meta_error_code or ""
    by_meta = REASON_OF_META_CODE.get(int(meta), "") if meta.isascii() and meta.isdigit() and len(meta) < 10 else ""
    by_event = {"expired": "expired", "canceled": "canceled"}.get(what, "provider_error")
    return by_meta or REASON_OF_CODE.get(trouble.code.lower(), by_event)

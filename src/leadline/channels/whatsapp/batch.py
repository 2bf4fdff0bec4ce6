"""Reads a whole WhatsApp webhook: every entry, change, message and status. Called by WhatsApp adapters' `parse`.

Each item is read alone: a broken one becomes a marker `unreadable …` in `Parsed.ignored`, the others go on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeVar

import msgspec

from leadline.channels.base import Parsed
from leadline.channels.http import decoded, phone_or_sender
from leadline.channels.whatsapp import wire
from leadline.channels.whatsapp.codes import REASON_OF_CODE, STATES
from leadline.channels.whatsapp.words import attachments, readable
from leadline.errors import Unreadable
from leadline.model import Consent, DeliveryState, Handle, Inbound, Profile, StatusUpdate

T = TypeVar("T")
_BODY = msgspec.json.Decoder(wire.Body)
_ENTRY = msgspec.json.Decoder(wire.Entry)
_CHANGE = msgspec.json.Decoder(wire.Change)
_VALUE = msgspec.json.Decoder(wire.Value)
_CONTACT = msgspec.json.Decoder(wire.Contact)
_MESSAGE = msgspec.json.Decoder(wire.Message)
_HEAD = msgspec.json.Decoder(wire.Head)
_STATUS = msgspec.json.Decoder(wire.Status)
_PREFERENCE = msgspec.json.Decoder(wire.Preference)
_TROUBLE = msgspec.json.Decoder(wire.Trouble)
CHANGES = ("user_changed_number", "user_changed_user_id")
_USER_ID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9.]+", re.ASCII)


def read_batch(body: bytes, business: str) -> Parsed:
    """All messages and statuses of a webhook body; raises Unreadable where it is none of WhatsApp.

    business: scope of user ids where an entry does not name its WhatsApp Business Account.
    """
    whole = decoded(_BODY, body)
    if whole.object != "whatsapp_business_account":
        raise Unreadable(
            f"The webhook is about '{whole.object[:40]}', not about WhatsApp: check the product it is set up for"
        )
    batch = _Batch(business)
    for entry in batch.readable(_ENTRY, whole.entry, "entry"):
        for change in batch.readable(_CHANGE, entry.changes, "change"):
            batch.change(change, entry.id)
    return Parsed(
        messages=tuple(batch.messages),
        statuses=tuple(batch.statuses),
        consents=tuple(batch.consents),
        ignored=tuple(batch.ignored),
    )


class _Batch:
    """Collects what one webhook holds."""

    def __init__(self, business: str) -> None:
        self.business = business
        self.messages: list[Inbound] = []
        self.statuses: list[StatusUpdate] = []
        self.consents: list[Consent] = []
        self.ignored: list[str] = []

    def readable(self, decoder: msgspec.json.Decoder[T], items: list[msgspec.Raw] | None, what: str) -> Iterator[T]:
        """The items that can be read; a marker for each other one."""
        for item in items or ():
            try:
                yield decoded(decoder, bytes(item))
            except Unreadable as error:
                self.ignored.append(f"unreadable {what}: {error}")

    def change(self, change: wire.Change, business: str) -> None:
        if change.field not in ("messages", "user_preferences"):
            self.ignored.append(change.field or "change without a field")
            return
        for value in self.readable(_VALUE, [change.value], "value"):
            people: dict[str, wire.Contact] = {}
            for contact in self.readable(_CONTACT, value.contacts, "contact"):
                people.update({key: contact for key in (contact.wa_id, contact.user_id) if key})
            for item in value.messages or ():
                self.message(item, people, value.metadata.phone_number_id, business or self.business)
            for status in self.readable(_STATUS, value.statuses, "status"):
                self.status(status, value.metadata.phone_number_id)
            for wish in self.readable(_PREFERENCE, value.user_preferences, "preference"):
                self.preference(wish, value.metadata.phone_number_id, business or self.business)
            for trouble in self.readable(_TROUBLE, value.errors, "error"):
                self.ignored.append(f"error {trouble.code}: {trouble.details}")

    def message(self, item: msgspec.Raw, people: dict[str, wire.Contact], account: str, business: str) -> None:
        """One message; where only its content cannot be read it is delivered with a line that says so."""
        try:
            message = decoded(_MESSAGE, bytes(item))
            text, files = readable(message), attachments(message)
            head: wire.Head = message
        except Unreadable:
            found = next(self.readable(_HEAD, [item], "message"), None)
            if found is None:
                return
            head, files = found, ()
            text = f"[{head.type or 'unknown'} message, whose content Leadline could not read]"
        if head.group_id or head.type == "request_welcome":
            self.ignored.append("group message" if head.group_id else head.type)
            return
        person = people.get(head.sender) or people.get(head.from_user_id) or _only(people, head)
        sender, handles = _addresses(head.sender or person.wa_id, head.from_user_id or person.user_id, business)
        former: tuple[Handle, ...] = ()
        if isinstance(head, wire.Message) and head.system is not None and head.system.type in CHANGES:
            sender, handles, former = _moved(head, head.system, business)
        if not handles:
            self.ignored.append(f"unreadable message: {head.id} names no sender")
            return
        self.messages.append(
            Inbound(
                provider_id=head.id,
                sender=sender,
                handles=handles,
                text=text,
                attachments=files,
                sent_at=wire.moment(head.timestamp),
                profile=Profile(name=person.profile.name or "", username=person.profile.username or ""),
                account=account,
                attested=_attested(head),
                former=former,
            )
        )

    def preference(self, wish: wire.Preference, account: str, business: str) -> None:
        """Marketing messages stopped or taken again in WhatsApp's own settings."""
        sender, handles = _addresses(wish.wa_id, wish.user_id, business)
        if wish.category != "marketing_messages" or wish.value not in ("stop", "resume") or not handles:
            self.ignored.append(f"preference {wish.category} {wish.value}")
            return
        self.consents.append(
            Consent(
                provider_id=f"preference:{sender}:{wish.value}:{wish.timestamp}",
                handles=handles,
                state="out" if wish.value == "stop" else "in",
                about="marketing",
                sender=sender,
                at=wire.moment(wish.timestamp),
                account=account,
            )
        )

    def status(self, status: wire.Status, account: str) -> None:
        state = STATES.get(status.status)
        if state is None:
            self.ignored.append(f"status {status.status}")
            return
        trouble = status.errors[0] if status.errors and state is DeliveryState.FAILED else None
        failed = state is DeliveryState.FAILED
        self.statuses.append(
            StatusUpdate(
                state=state,
                provider_id=status.id,
                outbound_id=status.biz_opaque_callback_data or "",
                reason=REASON_OF_CODE.get(trouble.code if trouble else -1, "provider_error") if failed else "",
                code=str(trouble.code) if trouble else "",
                detail=trouble.details if trouble else "",
                at=wire.moment(status.timestamp),
                account=account,
            )
        )


def _only(people: dict[str, wire.Contact], head: wire.Head) -> wire.Contact:
    """The one contact of a webhook, for a message that does not say who sent it; else nobody."""
    different = {id(contact): contact for contact in people.values()}
    nameless = not (head.sender or head.from_user_id)
    return next(iter(different.values())) if nameless and len(different) == 1 else wire.Contact()


def _addresses(phone: str, user_id: str, business: str) -> tuple[str, tuple[Handle, ...]]:
    """Where replies go, and all handles: the phone first where there is one, then the user id."""
    if _USER_ID.fullmatch(phone):
        phone, user_id = "", phone
    handles = [phone_or_sender(phone, digits_only=True)] if phone else []
    if user_id:
        handles.append(Handle("whatsapp", user_id, business))
    return phone or user_id, tuple(handles)


def _moved(
    head: wire.Message, system: wire.System, business: str
) -> tuple[str, tuple[Handle, ...], tuple[Handle, ...]]:
    """Where replies go from now on, the handles there, and those that were this person's before.

    Where only the user id changed, the phone the webhook names stays theirs.
    """
    kept = head.sender if system.type == "user_changed_user_id" else ""
    sender, handles = _addresses(system.wa_id or kept, system.user_id or "", business)
    before = (*_addresses(head.sender, head.from_user_id, business)[1], *_former_id(system, business))
    if not handles:
        return (*_addresses(head.sender, head.from_user_id, business), ())
    return sender, handles, tuple(dict.fromkeys(handle for handle in before if handle not in handles))


def _former_id(system: wire.System, business: str) -> tuple[Handle, ...]:
    return (Handle("whatsapp", system.previous_user_id, business),) if system.previous_user_id else ()


def _attested(head: wire.Head) -> tuple[Handle, ...]:
    """Phones in the card a customer sends on request: WhatsApp vouches that they are their own."""
    if not isinstance(head, wire.Message) or head.origin != "contact_request":
        return ()
    numbers = [phone.wa_id or phone.phone or "" for card in head.contacts or () for phone in card.phones or ()]
    handles = [phone_or_sender("".join(re.findall(r"[+0-9]", number)), digits_only=True) for number in numbers]
    return tuple(dict.fromkeys(handle for handle in handles if handle.is_phone))

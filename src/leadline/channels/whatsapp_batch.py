"""Reads a whole WhatsApp webhook: every entry, change, message and status. Called by WhatsApp adapters' `parse`.

Each item is read alone: a broken one becomes a marker `unreadable …` in `Parsed.ignored`, the others go on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeVar

import msgspec

from leadline.channels import whatsapp_wire as wire
from leadline.channels.base import Parsed
from leadline.channels.http import decoded, phone_or_sender
from leadline.channels.whatsapp_codes import REASON_OF_CODE, STATES
from leadline.channels.whatsapp_words import attachments, readable
from leadline.errors import Unreadable
from leadline.model import DeliveryState, Handle, Inbound, Profile, StatusUpdate

T = TypeVar("T")
_BODY = msgspec.json.Decoder(wire.Body)
_ENTRY = msgspec.json.Decoder(wire.Entry)
_CHANGE = msgspec.json.Decoder(wire.Change)
_VALUE = msgspec.json.Decoder(wire.Value)
_CONTACT = msgspec.json.Decoder(wire.Contact)
_MESSAGE = msgspec.json.Decoder(wire.Message)
_HEAD = msgspec.json.Decoder(wire.Head)
_STATUS = msgspec.json.Decoder(wire.Status)
_TROUBLE = msgspec.json.Decoder(wire.Trouble)
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
    return Parsed(messages=tuple(batch.messages), statuses=tuple(batch.statuses), ignored=tuple(batch.ignored))


class _Batch:
    """Collects what one webhook holds."""

    def __init__(self, business: str) -> None:
        self.business = business
        self.messages: list[Inbound] = []
        self.statuses: list[StatusUpdate] = []
        self.ignored: list[str] = []

    def readable(self, decoder: msgspec.json.Decoder[T], items: list[msgspec.Raw] | None, what: str) -> Iterator[T]:
        """The items that can be read; a marker for each other one."""
        for item in items or ():
            try:
                yield decoded(decoder, bytes(item))
            except Unreadable as error:
                self.ignored.append(f"unreadable {what}: {error}")

    def change(self, change: wire.Change, business: str) -> None:
        if change.field != "messages":
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
        sender, handles = _addresses(head, person, business)
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


def _addresses(head: wire.Head, person: wire.Contact, business: str) -> tuple[str, tuple[Handle, ...]]:
    """Where replies go, and all handles: the phone first where there is one, then the user id."""
    phone, user_id = head.sender or person.wa_id, head.from_user_id or person.user_id
    if _USER_ID.fullmatch(phone):
        phone, user_id = "", phone
    handles = [phone_or_sender(phone, digits_only=True)] if phone else []
    if user_id:
        handles.append(Handle("whatsapp", user_id, business))
    return phone or user_id, tuple(handles)

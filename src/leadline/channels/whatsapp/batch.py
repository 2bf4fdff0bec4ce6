"""Reads a whole WhatsApp webhook: every entry, change, message and status. Called by WhatsApp adapters' `parse`.

Each item is read alone: a broken one goes into `Parsed.unread`, the others go on.
"""

from __future__ import annotations

from typing import Any

import msgspec

from leadline.channels.anything import strange, unknown
from leadline.channels.exchange import Parsed
from leadline.channels.http import decoded, one_by_one, tried
from leadline.channels.meta import Batch
from leadline.channels.whatsapp import wire
from leadline.channels.whatsapp.codes import REASON_OF_CODE, STATES
from leadline.channels.whatsapp.people import addresses, attested, moved, only_one, who_of
from leadline.channels.whatsapp.words import ad_of, attachments, forwarded, product_of, quote_of, readable
from leadline.channels.words import UNREAD, called, lines
from leadline.errors import Unreadable
from leadline.model import Consent, DeliveryState, Handle, Inbound, Move, StatusUpdate

_BODY = msgspec.json.Decoder(wire.Body)
_ENTRY = msgspec.json.Decoder(wire.Entry)
_CHANGE = msgspec.json.Decoder(wire.Change)
_VALUE = msgspec.json.Decoder(wire.Value)
_CONTACT = msgspec.json.Decoder(wire.Contact)
_MESSAGE = msgspec.json.Decoder(wire.Message)
_NESTED = msgspec.json.Decoder(wire.Nested)
_HEAD = msgspec.json.Decoder(wire.Head)
_STATUS = msgspec.json.Decoder(wire.Status)
_PREFERENCE = msgspec.json.Decoder(wire.Preference)
_CALL = msgspec.json.Decoder(wire.Call)
_TROUBLE = msgspec.json.Decoder(wire.Trouble)
FIELDS = frozenset({"messaging_product", "metadata", *wire.Value.__struct_fields__})
ECHOED = frozenset({"smb_message_echoes", "message_echoes"})
ECHOES = frozenset({"history", "smb_app_state_sync"})
PHONE_APP = "the WhatsApp Business app"
ACCOUNT = frozenset(
    {
        "account_alerts",
        "account_review_update",
        "account_settings_update",
        "account_update",
        "automatic_events",
        "business_capability_update",
        "business_status_update",
        "business_username_update",
        "flows",
        "group_lifecycle_update",
        "group_participants_update",
        "group_settings_update",
        "group_status_update",
        "message_template_components_update",
        "message_template_quality_update",
        "message_template_status_update",
        "partner_solutions",
        "payment_configuration_update",
        "phone_number_name_update",
        "phone_number_quality_update",
        "security",
        "template_category_update",
        "template_correct_category_detection",
        "tracking_events",
    }
)
"""Fields about the account and its numbers: webhooks reference of the WhatsApp Business Platform, November 2026."""
CHANGES = ("user_changed_number", "user_changed_user_id", "customer_changed_number")
HEAD = frozenset(
    {"id", "from", "to", "to_user_id", "from_user_id", "from_parent_user_id", "group_id", "timestamp", "type"}
)
_UPDATE = msgspec.json.Decoder(wire.UserIdUpdate)


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
    for entry in one_by_one(_ENTRY, whole.entry, "entry", batch.unread):
        for change in one_by_one(_CHANGE, entry.changes, "change", batch.unread):
            batch.change(change, entry.id)
    return batch.parsed()


class _Batch(Batch):
    """Collects what one webhook holds."""

    def __init__(self, business: str) -> None:
        super().__init__()
        self.business = business

    def change(self, change: wire.Change, business: str) -> None:
        if change.field in ECHOED:
            for value in one_by_one(_VALUE, [change.value], "value", self.unread):
                for item in value.message_echoes or ():
                    self.echo(item, value.metadata.phone_number_id, business or self.business)
            return
        if change.field not in ("messages", "user_preferences", "user_id_update", "calls"):
            self.news(change.field)
            return
        for value in one_by_one(_VALUE, [change.value], "value", self.unread):
            people: dict[str, wire.Contact] = {}
            for contact in one_by_one(_CONTACT, value.contacts, "contact", self.unread):
                people.update({key: contact for key in (contact.wa_id, contact.user_id) if key})
            for item in value.messages or ():
                self.message(item, people, value.metadata.phone_number_id, business or self.business)
            for call in one_by_one(_CALL, value.calls, "call", self.unread):
                self.call(call, people, value.metadata.phone_number_id, business or self.business)
            for status in one_by_one(_STATUS, value.statuses, "status", self.unread):
                self.status(status, value.metadata.phone_number_id)
            for wish in one_by_one(_PREFERENCE, value.user_preferences, "preference", self.unread):
                self.preference(wish, value.metadata.phone_number_id, business or self.business)
            for update in one_by_one(_UPDATE, value.user_id_update, "user id update", self.unread):
                self.move(update, value.metadata.phone_number_id, business or self.business)
            for trouble in one_by_one(_TROUBLE, value.errors, "error", self.unread):
                self.unread.append(f"WhatsApp reports trouble: {trouble.details} ({trouble.code})")
            for name in strange(bytes(change.value), FIELDS):
                self.unread.append(f"a change with '{name[:60]}', which Leadline does not know: look what it holds")

    def news(self, field: str) -> None:
        """What is not about a message. A field that is new here may hold a customer's words: people look at it."""
        if field in ECHOES:
            self.noise.append("echo")
        elif field in ACCOUNT:
            self.noise.append("account")
        else:
            self.unread.append(f"a change of '{field[:60]}', which Leadline does not know: look what it holds")

    def message(self, item: msgspec.Raw, people: dict[str, wire.Contact], account: str, business: str) -> None:
        """One message; where its content cannot be read or is new, all that it holds is shown."""
        head = next(one_by_one(_HEAD, [item], "message", self.unread), None)
        if head is None:
            return
        if head.type == "request_welcome":
            self.noise.append("opened")
            return
        person = people.get(head.sender) or people.get(head.from_user_id) or only_one(people, head)
        who = who_of(head, person, business)
        message = tried(_MESSAGE, bytes(item))
        former: tuple[Handle, ...] = ()
        if message is not None and message.system is not None and message.system.type in CHANGES:
            sender, handles, former = moved(message, message.system, business)
            who = {**who, "sender": sender, "handles": handles}
        if not who["handles"]:
            self.unread.append(f"message {head.id} names no sender")
            return
        self.messages.append(
            Inbound(
                provider_id=head.id,
                sent_at=wire.moment(head.timestamp),
                account=account,
                former=former,
                **who,
                **contents(message, bytes(item)),
            )
        )

    def echo(self, item: msgspec.Raw, account: str, business: str) -> None:
        """What the business wrote to a customer in the phone app, while the number is here as well (coexistence)."""
        for head in one_by_one(_HEAD, [item], "echo", self.unread):
            sender, handles = addresses(head.to, head.to_user_id, business)
            if not handles:
                self.noise.append("echo")
                continue
            said = contents(tried(_MESSAGE, bytes(item)), bytes(item))
            moment = wire.moment(head.timestamp)
            who: dict[str, Any] = {"sender": sender, "handles": handles, "author": PHONE_APP}
            self.echoes.append(Inbound(provider_id=head.id, sent_at=moment, account=account, **who, **said))

    def call(self, call: wire.Call, people: dict[str, wire.Contact], account: str, business: str) -> None:
        """A call that ended, taken or missed."""
        if call.event != "terminate" or call.direction == "BUSINESS_INITIATED":
            self.noise.append("call")
            return
        person = people.get(call.sender) or people.get(call.from_user_id) or wire.Contact()
        head = wire.Head(call.id, call.sender, call.from_user_id)
        taken = bool(call.duration) and call.status.upper() != "FAILED"
        who = who_of(head, person, business)
        if not who["handles"]:
            self.unread.append(f"call {call.id} names no sender")
            return
        text = called(call.duration, missed=not taken)
        self.messages.append(
            Inbound(provider_id=call.id, sent_at=wire.moment(call.timestamp), account=account, text=text, **who)
        )

    def preference(self, wish: wire.Preference, account: str, business: str) -> None:
        """Marketing messages stopped or taken again in WhatsApp's own settings."""
        sender, handles = addresses(wish.wa_id, wish.user_id, business)
        if wish.category != "marketing_messages" or wish.value not in ("stop", "resume") or not handles:
            self.noise.append("preference")
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

    def move(self, update: wire.UserIdUpdate, account: str, business: str) -> None:
        """Ids that are others from now on. The number named is the one they have now, whichever they had before."""
        _, handles = addresses(update.wa_id, update.user_id.current, business, update.parent_user_id.current)
        _, former = addresses("", update.user_id.previous, business, update.parent_user_id.previous)
        former = tuple(handle for handle in former if handle not in handles)
        if not handles or not former:
            self.unread.append("a change of user ids that does not name both: look what it holds")
            return
        key = f"{former[0].value}:{update.user_id.current}:{update.timestamp}"
        self.moves.append(Move(provider_id=key, handles=handles, former=former, account=account))

    def status(self, status: wire.Status, account: str) -> None:
        state = STATES.get(status.status)
        if state is None:
            self.noise.append("state")
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


def contents(message: wire.Message | None, raw: bytes) -> dict[str, Any]:
    """What a message says, as fields of Inbound. None: only its head could be read."""
    if message is None:
        text, files = unknown("", raw, HEAD)
        return {"text": lines(UNREAD, text.partition("\n")[2]), "attachments": files}
    if message.edit is not None:
        new = tried(_NESTED, bytes(message.edit.message))
        return {**contents(new, bytes(message.edit.message)), "quote": quote_of(message), "change": "edited"}
    if message.revoke is not None:
        return {"quote": quote_of(message), "change": "withdrawn"}
    text, files = readable(message), attachments(message)
    if not (text or files) and message.text is None:
        text, files = unknown(message.type, raw, HEAD)
    return {
        "text": text,
        "attachments": files,
        "quote": quote_of(message),
        "product": product_of(message),
        "forwarded": forwarded(message),
        "ad": ad_of(message.referral),
        "attested": attested(message),
    }

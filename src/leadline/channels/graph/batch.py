"""Reads a whole Messenger or Instagram webhook: every entry and every event. Called by `adapter.py:Graph.parse`.

Each item is read alone: a broken one goes into `Parsed.unread`, the others go on.
"""

from __future__ import annotations

from typing import Any

import msgspec

from leadline.channels.anything import beside, unknown
from leadline.channels.exchange import Parsed
from leadline.channels.graph import wire
from leadline.channels.graph.noise import EVENTS, FIELDS, PUBLIC
from leadline.channels.graph.words import (
    ASKED,
    ad_of,
    answered,
    attachments,
    ordered_of,
    origin,
    product_of,
    quote_of,
    reaction,
    readable,
    strange_files,
)
from leadline.channels.http import decoded, one_by_one, tried
from leadline.channels.meta import Batch
from leadline.channels.words import UNREAD, lines
from leadline.errors import Unreadable
from leadline.model import DeliveryState, Handle, Inbound, Quote, StatusUpdate

_BODY = msgspec.json.Decoder(wire.Body)
_BODIES = msgspec.json.Decoder(list[wire.Body])
_ENTRY = msgspec.json.Decoder(wire.Entry)
_CHANGE = msgspec.json.Decoder(wire.Change)
_EVENT = msgspec.json.Decoder(wire.Event)
_HEAD = msgspec.json.Decoder(wire.Head)
_KEYS = msgspec.json.Decoder(dict[str, msgspec.Raw])


def read_batch(body: bytes, scheme: str, api_host: str) -> Parsed:
    """All events of a webhook body; raises Unreadable where it is about neither a Page nor an Instagram account.

    The body is one object; some of Meta's own samples wrap it into a list.
    """
    wholes = decoded(_BODIES, body) if body.lstrip()[:1] == b"[" else [decoded(_BODY, body)]
    batch = _Batch(scheme, api_host)
    for whole in wholes:
        if whole.object not in ("page", "instagram"):
            raise Unreadable(
                f"The webhook is about '{whole.object[:40]}', not about a Page or an Instagram account: "
                "check the product it is set up for"
            )
        for entry in one_by_one(_ENTRY, whole.entry, "entry", batch.unread):
            batch.entry(entry)
    return batch.parsed()


ELSEWHERE = {"messenger": "the Page's inbox or another program", "instagram": "the Instagram app or another program"}
AROUND = frozenset({"sender", "recipient", "timestamp"})
MESSAGE = frozenset({*wire.Message.__struct_fields__, "quick_reply", "nlp", "tags", "traits", "commands"})


class _Batch(Batch):
    """Collects what one webhook holds."""

    def __init__(self, scheme: str, api_host: str) -> None:
        super().__init__()
        self.scheme = scheme
        self.api_host = api_host

    def entry(self, entry: wire.Entry) -> None:
        """`standby` holds what came while another app had the conversation: the customer wrote it all the same."""
        for item in (*(entry.messaging or ()), *(entry.standby or ())):
            self.item(item, entry.id)
        for change in one_by_one(_CHANGE, entry.changes, "change", self.unread):
            self.change(change, entry.id)

    def change(self, change: wire.Change, account: str) -> None:
        """The other form in which Meta brings events: one field, and the event as its value."""
        if code := FIELDS.get(change.field):
            self.noise.append(code)
        elif change.field in PUBLIC:
            self.unread.append(f"'{change.field}' is public, and Leadline cannot answer it: remove the field at Meta")
        elif (event := tried(_EVENT, bytes(change.value))) is not None and not event.sender.id:
            self.unread.append(f"a change of '{change.field[:60]}', which Leadline does not know: look what it holds")
        else:
            self.item(change.value, account)

    def item(self, item: msgspec.Raw, account: str) -> None:
        """One event; of a message that cannot be read, and of an event that is new, all that it holds is shown."""
        raw = bytes(item)
        event = tried(_EVENT, raw)
        if event is None:
            self.broken(item, raw, account)
        elif event.message is not None:
            self.message(event.message, event, account, raw)
        elif event.delivery is not None or event.read is not None:
            self.receipt(event, account)
        elif not self.small(event, account):
            self.new(event, account, raw)

    def broken(self, item: msgspec.Raw, raw: bytes, account: str) -> None:
        for head in one_by_one(_HEAD, [item], "event", self.unread):
            if head.message.is_echo:
                self.noise.append("echo")
                continue
            bare = wire.Event(sender=head.sender, timestamp=head.timestamp)
            text, files = unknown("", raw, AROUND)
            text = lines(UNREAD, text.partition("\n")[2])
            self.written(head.message.mid, bare, account, text=text, attachments=files)

    def message(self, message: wire.Message, event: wire.Event, account: str, raw: bytes) -> None:
        if message.is_echo or message.is_self:
            self.echo(message, event, account)
            return
        if message.is_deleted:
            taken_back = Quote(provider_id=message.mid)
            self.written(f"{message.mid}/deleted", event, account, quote=taken_back, change="withdrawn")
            return
        text, files = readable(message, self.api_host), attachments(message, self.api_host)
        product, ad = product_of(message), ad_of(message.referral)
        if not (text or files or product or ad) and message.text is None:
            text, files = unknown("", raw, AROUND)
        else:
            text = lines(text, strange_files(raw), beside(bytes(decoded(_KEYS, raw)["message"]), MESSAGE))
        quote = quote_of(message)
        self.written(message.mid, event, account, text=text, attachments=files, quote=quote, product=product, ad=ad)

    def small(self, event: wire.Event, account: str) -> bool:
        """Events that become a line: pressed buttons, edits, reactions, links, orders. Some have no id, but a time."""
        who, when = event.sender.id, f"{1000 * (wire.seconds(event.timestamp) or 0):.0f}"
        if (pressed := event.postback) is not None:
            text = lines(pressed.title or pressed.payload, origin(pressed.referral)) or "[Pressed a button]"
            number = pressed.mid or f"postback/{who}/{when}"
            self.written(number, event, account, text=text, ad=ad_of(pressed.referral))
        elif (edit := event.message_edit) is not None:
            number, former = f"{edit.mid}/edited/{edit.num_edit or when}", Quote(provider_id=edit.mid)
            self.written(number, event, account, text=edit.text, quote=former, change="edited")
        elif (reacted := event.reaction) is not None:
            quote = Quote(provider_id=reacted.mid) if reacted.mid else None
            self.written(f"reaction/{who}/{when}/{reacted.mid}", event, account, text=reaction(reacted), quote=quote)
        elif event.order is not None:
            self.written(f"order/{who}/{when}", event, account, text=ordered_of(event.order))
        elif event.referral is not None:
            ad = ad_of(event.referral)
            self.written(f"referral/{who}/{when}", event, account, text=origin(event.referral), ad=ad)
        else:
            return False
        return True

    def new(self, event: wire.Event, account: str, raw: bytes) -> None:
        """An event of a kind that is declared as noise, or that nobody knows yet."""
        kinds = [key for key in decoded(_KEYS, raw) if key not in AROUND]
        if kinds and all(kind in EVENTS for kind in kinds):
            self.noise += [EVENTS[kind] for kind in kinds]
            return
        text, files = unknown(", ".join(kinds)[:60], raw, AROUND)
        if kinds and kinds[0] in ASKED:
            text = answered(kinds[0], raw)
        number = f"{','.join(kinds)[:60]}/{event.sender.id}/{1000 * (wire.seconds(event.timestamp) or 0):.0f}"
        self.written(number, event, account, text=text, attachments=files)

    def written(self, provider_id: str, event: wire.Event, account: str, **contents: Any) -> None:
        """A message with these fields of Inbound."""
        if not (event.sender.id and provider_id):
            self.unread.append(f"event: {provider_id or 'a message'} names no sender, or nothing names it")
            return
        self.messages.append(
            Inbound(
                provider_id=provider_id,
                sender=event.sender.id,
                handles=(Handle(self.scheme, event.sender.id, account),),
                sent_at=wire.seconds(event.timestamp),
                account=account,
                **contents,
            )
        )

    def echo(self, message: wire.Message, event: wire.Event, account: str) -> None:
        """Meta repeats what the Page sends: one with our id is surely sent, others may have been written elsewhere."""
        if not message.metadata:
            self.written_elsewhere(message, event, account)
            return
        self.statuses.append(
            StatusUpdate(
                state=DeliveryState.SENT,
                provider_id=message.mid,
                outbound_id=message.metadata,
                at=wire.seconds(event.timestamp),
                account=account,
            )
        )

    def written_elsewhere(self, message: wire.Message, event: wire.Event, account: str) -> None:
        """What the business wrote to a customer in Meta's own inbox or app, or by another program."""
        customer = event.recipient.id
        if message.is_self or not customer or customer == account:
            self.noise.append("echo")
            return
        self.echoes.append(
            Inbound(
                provider_id=message.mid,
                sender=customer,
                handles=(Handle(self.scheme, customer, account),),
                text=readable(message, self.api_host),
                attachments=attachments(message, self.api_host),
                sent_at=wire.seconds(event.timestamp),
                account=account,
                quote=quote_of(message),
                change="withdrawn" if message.is_deleted else "",
                author=ELSEWHERE[self.scheme],
            )
        )

    def receipt(self, event: wire.Event, account: str) -> None:
        """Delivered or read: by the ids of messages where there are some, else everything until a moment."""
        state = DeliveryState.DELIVERED if event.delivery else DeliveryState.READ
        named = [*(event.delivery.mids or ())] if event.delivery else [event.read.mid] if event.read else []
        ids = [mid for mid in named if mid]
        at = wire.seconds(event.timestamp)
        self.statuses += [StatusUpdate(state=state, provider_id=mid, at=at, account=account) for mid in ids]
        mark = event.delivery or event.read
        until = wire.seconds(mark.watermark) if mark else None
        if not ids and until is not None and event.sender.id:
            self.statuses.append(StatusUpdate(state=state, until=until, sender=event.sender.id, at=at, account=account))

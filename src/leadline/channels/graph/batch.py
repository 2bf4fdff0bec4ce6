"""Reads a whole Messenger or Instagram webhook: every entry and every event. Called by `adapter.py:Graph.parse`.

Each item is read alone: a broken one becomes a marker `unreadable …` in `Parsed.ignored`, the others go on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import msgspec

from leadline.channels.base import Parsed
from leadline.channels.graph import wire
from leadline.channels.graph.words import attachments, origin, reaction, readable
from leadline.channels.http import decoded
from leadline.errors import Unreadable
from leadline.model import Attachment, DeliveryState, Handle, Inbound, StatusUpdate

T = TypeVar("T")
_BODY = msgspec.json.Decoder(wire.Body)
_BODIES = msgspec.json.Decoder(list[wire.Body])
_ENTRY = msgspec.json.Decoder(wire.Entry)
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
        for entry in batch.readable(_ENTRY, whole.entry, "entry"):
            batch.entry(entry)
    return Parsed(messages=tuple(batch.messages), statuses=tuple(batch.statuses), ignored=tuple(batch.ignored))


class _Batch:
    """Collects what one webhook holds."""

    def __init__(self, scheme: str, api_host: str) -> None:
        self.scheme = scheme
        self.api_host = api_host
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

    def entry(self, entry: wire.Entry) -> None:
        """`standby` holds what came while another app had the conversation: the customer wrote it all the same."""
        for item in (*(entry.messaging or ()), *(entry.standby or ())):
            self.item(item, entry.id)
        self.ignored += [f"change {change.field}" for change in entry.changes or ()]

    def item(self, item: msgspec.Raw, account: str) -> None:
        """One event; a message of which only the content cannot be read is delivered with a line that says so."""
        try:
            event = decoded(_EVENT, bytes(item))
        except Unreadable:
            for head in self.readable(_HEAD, [item], "event"):
                if not head.message.is_echo:
                    bare = wire.Event(sender=head.sender, timestamp=head.timestamp)
                    self.written(head.message.mid, "[Message whose content Leadline could not read]", bare, account)
            return
        if event.message is not None:
            self.message(event.message, event, account)
        elif event.delivery is not None or event.read is not None:
            self.receipt(event, account)
        elif not self.small(event, account):
            kinds = [key for key in decoded(_KEYS, bytes(item)) if key not in ("sender", "recipient", "timestamp")]
            self.ignored.append(f"event {', '.join(kinds)}"[:200])

    def message(self, message: wire.Message, event: wire.Event, account: str) -> None:
        if message.is_echo or message.is_self:
            self.echo(message, event, account)
        elif message.is_deleted:
            self.written(f"{message.mid}/deleted", "[Took a message back]", event, account)
        else:
            files = attachments(message, self.api_host)
            self.written(message.mid, readable(message, self.api_host), event, account, files)

    def small(self, event: wire.Event, account: str) -> bool:
        """Events that become a line: pressed buttons, edits, reactions, links. Some have no id, but a time."""
        who, when = event.sender.id, f"{event.timestamp or 0:.0f}"
        if (pressed := event.postback) is not None:
            text = "\n".join(filter(None, (pressed.title or pressed.payload, origin(pressed.referral))))
            self.written(pressed.mid or f"postback/{who}/{when}", text or "[Pressed a button]", event, account)
        elif (edit := event.message_edit) is not None:
            number = edit.num_edit or when
            self.written(f"{edit.mid}/edited/{number}", f"[Edited a message] {edit.text}", event, account)
        elif (reacted := event.reaction) is not None:
            self.written(f"reaction/{who}/{when}/{reacted.mid}", reaction(reacted), event, account)
        elif event.referral is not None:
            self.written(f"referral/{who}/{when}", origin(event.referral), event, account)
        else:
            return False
        return True

    def written(
        self, provider_id: str, text: str, event: wire.Event, account: str, files: tuple[Attachment, ...] = ()
    ) -> None:
        if not (event.sender.id and provider_id):
            self.ignored.append(f"unreadable event: {provider_id or 'a message'} names no sender, or nothing names it")
            return
        self.messages.append(
            Inbound(
                provider_id=provider_id,
                sender=event.sender.id,
                handles=(Handle(self.scheme, event.sender.id, account),),
                text=text,
                attachments=files,
                sent_at=wire.seconds(event.timestamp),
                account=account,
            )
        )

    def echo(self, message: wire.Message, event: wire.Event, account: str) -> None:
        """Meta repeats what the Page sends: one of ours is surely sent, the others were not ours."""
        if not message.metadata:
            self.ignored.append("echo")
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

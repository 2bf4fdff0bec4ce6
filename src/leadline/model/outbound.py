"""What goes to a customer, and what a provider tells of it. `outbound` and the adapters speak with these."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Literal

from leadline.model.handles import Struct
from leadline.model.inbound import Attachment

_VARIABLE = re.compile(r"\{\{([^{}]+)\}\}")


class DeliveryState(StrEnum):
    """The life of one outbound message; `rank` keeps a late callback from turning it back."""

    QUEUED = "queued"
    SENDING = "sending"
    UNKNOWN = "unknown"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"

    @property
    def rank(self) -> int:
        """Order of progress. A later delivered or read outranks failed: the message did arrive after all."""
        return {"queued": 0, "sending": 1, "unknown": 2, "sent": 3, "failed": 4, "delivered": 5, "read": 6}[self.value]


class StatusUpdate(Struct, frozen=True, kw_only=True):
    """A provider's word on one outbound message, found by our own id where the provider echoes it, else by its id.

    until, sender: a watermark instead of ids: every message to this sender that was sent by then (unix seconds).
    """

    state: DeliveryState
    provider_id: str = ""
    outbound_id: str = ""
    reason: str = ""
    code: str = ""
    detail: str = ""
    at: float | None = None
    account: str = ""
    until: float | None = None
    sender: str = ""


class Template(Struct, frozen=True, kw_only=True):
    """A message the provider has approved beforehand, as it lists it.

    ref: the provider's own id where name and language do not do. body: all that the customer sees, with its variables
    in double braces; files and buttons stand in square brackets.
    variables: their names or numbers, in the order of `TemplateUse.values`. One outside the text says where it stands:
    `header:1` in the header's text, `file:image`, `file:video` or `file:document` the address of the header's file,
    `link:2` the end of the address behind the second button, `code:1` what the first button copies.
    status: `approved`, or the provider's word, or `unsupported` where Leadline cannot fill it in.
    """

    name: str
    language: str = ""
    ref: str = ""
    body: str = ""
    variables: tuple[str, ...] = ()
    category: str = ""
    status: str = "approved"

    def filled(self, values: tuple[str, ...]) -> str:
        """The text as the customer reads it; a variable without a value stays as it is."""
        known = {name: value for name, value in zip(self.variables, values, strict=False) if value}
        return _VARIABLE.sub(lambda found: known.get(found[1], found[0]), self.body)


class TemplateUse(Struct, frozen=True, kw_only=True):
    """A template filled in: which one, and the values of its variables in order."""

    name: str
    language: str = ""
    ref: str = ""
    variables: tuple[str, ...] = ()
    values: tuple[str, ...] = ()


class Mark(Struct, frozen=True):
    """A stretch of a text that stands out; `start` and `end` count characters."""

    start: int
    end: int
    style: Literal["bold", "italic", "strike", "code"]


class Outbound(Struct, frozen=True, kw_only=True):
    """One message to one customer, as a provider takes it in one call.

    id: Leadline's own id, carried in the field the provider echoes.
    to: the raw form the customer's provider gave.
    status_url: where the provider reports delivery.
    template: sent instead of free text; `text` then only shows what the customer will read.
    reply_ref: of the customer's last message, where it is fresh and not used yet (see `Inbound.reply_ref`). A send that
    uses one must not be repeated, even on a channel that is `idempotent`: an answer by reference is none of those.
    at: unix seconds at which it is given to the provider, so that requests with a time are signed without a clock.
    first: nothing was given to this customer on this channel before.
    quoted: the earlier message that the app shows above this one, as `Channel.quotable` names it; empty: none.
    marks: what of the text is emphasised. choices: what the customer may answer by a tap; `numbered`: the text lists
    them already, for this channel has no buttons, or none for these.
    """

    id: str
    to: str
    text: str = ""
    marks: tuple[Mark, ...] = ()
    choices: tuple[str, ...] = ()
    numbered: bool = False
    attachments: tuple[Attachment, ...] = ()
    status_url: str = ""
    template: TemplateUse | None = None
    reply_ref: str = ""
    quoted: str = ""
    at: float = 0.0
    first: bool = False


class Sent(Struct, frozen=True, kw_only=True):
    """What a provider answered to one send.

    accepted: it has the message (which is not delivery). refused: it has not and never will, `reason` says why; with
    provider_ids it has those parts of it and not the others.
    retry: it surely has not, try again. unknown: nobody can tell; shown, never repeated.
    quote_ref: how the message is named where a later one quotes it; empty where its id does.
    """

    outcome: Literal["accepted", "refused", "retry", "unknown"]
    provider_ids: tuple[str, ...] = ()
    quote_ref: str = ""
    reason: str = ""
    code: str = ""
    detail: str = ""
    retry_after: float | None = None

"""The nouns of Leadline, as immutable values. Everything imports these; they import nothing of Leadline but errors."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, Self

import msgspec

from leadline.errors import BadHandle


class Struct(msgspec.Struct, frozen=True, omit_defaults=True):
    """Base of all values: immutable, hashable, encoded without defaults."""


class Handle(Struct, frozen=True):
    """One address of a customer, written `scheme:scope/value`, or `scheme:value` where the scheme has no scope.

    `tel:+353888888999`, `whatsapp:<business>/US.1349`, `telegram:<bot>/77`, `sender:<channel>/AMAZON`.
    """

    scheme: str
    value: str
    scope: str = ""

    def __str__(self) -> str:
        return f"{self.scheme}:{self.scope}/{self.value}" if self.scope else f"{self.scheme}:{self.value}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a handle back from its written form; raises BadHandle."""
        scheme, colon, rest = text.partition(":")
        scope, slash, value = rest.partition("/") if scheme != "tel" else ("", "", rest)
        handle = cls(scheme, value, scope) if slash else cls(scheme, rest)
        if not (colon and scheme and handle.value):
            raise BadHandle(
                f"'{text}' is neither a phone number nor a sender's address. Write a phone with its country code, like "
                "+353888888999, or an address as `leadline link list` shows it."
            )
        return handle

    @property
    def is_phone(self) -> bool:
        return self.scheme == "tel"


class Attachment(Struct, frozen=True):
    """A file: inbound it is fetched from `url` or found by the provider's media id in `ref`; outbound from Intercom.

    size: bytes, where they are known before it is fetched; else 0.
    """

    content_type: str = "application/octet-stream"
    url: str = ""
    ref: str = ""
    name: str = ""
    size: int = 0


class Profile(Struct, frozen=True):
    """What a provider says about the sender. Nothing here identifies anybody.

    email: the provider's word for the address; a hint for suggestions, never a match.
    """

    name: str = ""
    username: str = ""
    avatar_url: str = ""
    language: str = ""
    country: str = ""
    email: str = ""


class Piece(Struct, frozen=True, kw_only=True):
    """One piece of a message that a provider delivers in several webhooks.

    group: names the message among all of this sender. number: its place, from 1. total: how many there are, 0 where
    the provider does not tell. wait: seconds after the latest piece before what is there is delivered as it is.
    """

    group: str
    number: int
    total: int = 0
    wait: float = 30.0


class Quote(Struct, frozen=True, kw_only=True):
    """The message that another one answers, reacts to or changes.

    provider_id: as that message had it, whoever wrote it; its words are then looked up in Leadline's own records.
    text, file: what the provider itself tells of it, which is preferred. author: who wrote it, as far as known:
    `business`, `customer`, or somebody's name.
    """

    provider_id: str = ""
    text: str = ""
    file: str = ""
    author: str = ""


class Product(Struct, frozen=True, kw_only=True):
    """The article a message is about, as the business's catalog names it."""

    product_id: str = ""
    name: str = ""
    price: str = ""
    catalog_id: str = ""
    url: str = ""


class Forwarded(Struct, frozen=True, kw_only=True):
    """The words are somebody else's. `origin`: whose, where the provider tells; `often`: it went through many hands."""

    origin: str = ""
    often: bool = False


class Ad(Struct, frozen=True, kw_only=True):
    """The advertisement that brought the customer. source_id: the provider's number of it; click_id: of this click."""

    source_id: str = ""
    click_id: str = ""
    headline: str = ""
    text: str = ""
    url: str = ""


class Inbound(Struct, frozen=True, kw_only=True):
    """One customer message as a channel parsed it.

    provider_id: unique per channel, the key that makes a redelivery harmless.
    sender: the raw form the provider gave; replies go there, never to a normalised one.
    handles: all addresses of this one person, the one that names the lane first.
    attested: phones the person has proved to own; evidence for links and suggestions, never the lane.
    former: addresses that were this person's before, where the provider itself announces the change.
    sent_at: unix seconds by the provider's clock, or None where it tells none.
    account: the business address it came to, as `Channel.account` names it; empty where a webhook serves one only.
    piece: set where this is only a part of a message; the parts are joined before delivery.
    reply_ref: what the provider wants to see again in an answer to exactly this message; empty where it needs nothing.
    change: set where this is no message of its own but what became of an earlier one: `edited`, its text and files are
    the new ones; or `withdrawn`. `quote` then says which.
    author: who wrote it, where the sender is a group; its handles and profile are the group's.
    """

    provider_id: str
    sender: str
    handles: tuple[Handle, ...]
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    sent_at: float | None = None
    profile: Profile = Profile()
    account: str = ""
    attested: tuple[Handle, ...] = ()
    former: tuple[Handle, ...] = ()
    piece: Piece | None = None
    reply_ref: str = ""
    quote: Quote | None = None
    product: Product | None = None
    forwarded: Forwarded | None = None
    ad: Ad | None = None
    change: Literal["", "edited", "withdrawn"] = ""
    author: str = ""


class Consent(Struct, frozen=True, kw_only=True):
    """A provider's own word that a customer refuses messages (`out`) or takes them again (`in`): STOP, blocked, left.

    provider_id makes a repetition harmless, as in Inbound.
    about: who refuses `marketing` is still answered; only templates of that category must not go out.
    """

    provider_id: str
    handles: tuple[Handle, ...]
    state: Literal["out", "in"]
    about: Literal["everything", "marketing"] = "everything"
    sender: str = ""
    at: float | None = None
    account: str = ""


class Move(Struct, frozen=True, kw_only=True):
    """A provider's own word that a customer's addresses have changed, without a message of theirs.

    provider_id makes a repetition harmless, as in Inbound. handles: from now on; former: before.
    """

    provider_id: str
    handles: tuple[Handle, ...]
    former: tuple[Handle, ...]
    account: str = ""


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

    ref: the provider's own id where name and language do not do. body: the text with its variables in double braces.
    variables: their names or numbers, in the order of `TemplateUse.values`. status: `approved` or the provider's word.
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
        text = self.body
        for name, value in zip(self.variables, values, strict=False):
            text = text.replace("{{" + name + "}}", value)
        return text


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
    at: float = 0.0
    first: bool = False


class Sent(Struct, frozen=True, kw_only=True):
    """What a provider answered to one send.

    accepted: it has the message (which is not delivery). refused: it has not and never will, `reason` says why; with
    provider_ids it has those parts of it and not the others.
    retry: it surely has not, try again. unknown: nobody can tell; shown, never repeated.
    """

    outcome: Literal["accepted", "refused", "retry", "unknown"]
    provider_ids: tuple[str, ...] = ()
    reason: str = ""
    code: str = ""
    detail: str = ""
    retry_after: float | None = None


class Role(StrEnum):
    """Role of an Intercom contact."""

    LEAD = "lead"
    USER = "user"


class Candidate(Struct, frozen=True, kw_only=True):
    """An Intercom contact that may be the sender. `updated_at` in unix seconds, `phone` as Intercom stores it."""

    contact_id: str
    role: Role
    name: str = ""
    email: str = ""
    phone: str = ""
    external_id: str = ""
    updated_at: int = 0
    last_seen_at: int = 0


class Reason(Struct, frozen=True):
    """Why: a stable snake_case code, and the values that fill its sentence for people."""

    code: str
    detail: str = ""


class Decision(Struct, frozen=True, kw_only=True):
    """What was chosen for one message. `contact_id` is None when a new lead is to be made."""

    contact_id: str | None
    reasons: tuple[Reason, ...]
    policy: str
    candidates: tuple[Candidate, ...] = ()
    doubtful: bool = False

    @property
    def code(self) -> str:
        """The reason that settled it."""
        return self.reasons[0].code

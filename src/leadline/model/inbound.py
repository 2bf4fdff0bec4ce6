"""What a customer's side tells: messages with all that hangs on them, consent, a moved number. Adapters make these."""

from __future__ import annotations

from typing import Literal

from leadline.model.handles import Handle, Struct


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
    quote_ref: how the provider wants this message named where an answer quotes it; empty where its id does.
    read_ref: what the provider wants to see where this message is marked as read; empty where its id will do.
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
    quote_ref: str = ""
    read_ref: str = ""
    quote: Quote | None = None
    product: Product | None = None
    forwarded: Forwarded | None = None
    ad: Ad | None = None
    change: Literal["", "edited", "withdrawn"] = ""
    author: str = ""


class Consent(Struct, frozen=True, kw_only=True):
    """A provider's own word that a customer refuses messages (`out`) or takes them again (`in`): STOP, blocked, left.

    provider_id makes a repetition harmless, as in Inbound.
    about: a customer who refuses `marketing` still gets replies; only templates of that category must not go out.
    recorded: it is on record already, and the teammates are still to be told.
    """

    provider_id: str
    handles: tuple[Handle, ...]
    state: Literal["out", "in"]
    about: Literal["everything", "marketing"] = "everything"
    sender: str = ""
    at: float | None = None
    account: str = ""
    recorded: bool = False


class Move(Struct, frozen=True, kw_only=True):
    """A provider's own word that a customer's addresses have changed, without a message of theirs.

    provider_id makes a repetition harmless, as in Inbound. handles: from now on; former: before.
    """

    provider_id: str
    handles: tuple[Handle, ...]
    former: tuple[Handle, ...]
    account: str = ""

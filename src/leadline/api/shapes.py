"""What the API takes and answers: the types of which its description is made. `endpoints.py` names them.

What is taken may hold nothing else, so that a misspelt field is told and not ignored. What is answered may grow.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from leadline.api.patterns import ID

Id = Annotated[str, Meta(pattern=ID)]
Address = Annotated[
    str,
    Meta(min_length=1, max_length=500, description="A phone with its country code, or an address such as telegram:…"),
]
ChannelName = Annotated[str, Meta(min_length=1, max_length=200, description="Name or number of a channel")]
Count = Annotated[int, Meta(ge=1, le=100, description="How many at most")]
Direction = Literal["in", "out"]
State = Literal["waiting", "done", "parked", "dropped", "queued", "sending", "sent", "delivered", "read", "failed",
                "unknown"]  # fmt: skip
Way = Literal["merge", "promote", "reroute"]


class Given(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a caller gives."""


class Told(Struct, frozen=True, kw_only=True):
    """What Leadline answers."""


# -- channels ---------------------------------------------------------------------------------------------------------


class ChannelShape(Told, frozen=True, kw_only=True):
    """A channel on which customers are reached. window_hours: how long free text may follow their last message."""

    channel_id: int
    name: str
    provider: str
    paused: bool
    templates: bool
    window_hours: float | None


class Channels(Told, frozen=True, kw_only=True):
    """All channels that are connected."""

    channels: tuple[ChannelShape, ...]


# -- messages ---------------------------------------------------------------------------------------------------------


class Query(Given, frozen=True, kw_only=True):
    """Which messages: the latest first, `count` of them, from `after` on."""

    direction: Direction
    channel: Annotated[str, Meta(max_length=200, description="Name or number of a channel")] = ""
    contact_id: Annotated[str, Meta(max_length=200)] = ""
    conversation_id: Annotated[str, Meta(max_length=200)] = ""
    since: Annotated[datetime, Meta(tz=True, description="None that came or went before")] | UnsetType = UNSET
    after: Annotated[str, Meta(max_length=400, description="`next` of the page before")] = ""
    count: Count = 50


class Message(Told, frozen=True, kw_only=True):
    """A message of a customer (`in`) or to one (`out`).

    state: of a customer's message `waiting`, `done` (it is in Intercom), `parked` or `dropped`; of one to a customer
    `waiting`, `queued`, `sending`, `sent`, `delivered`, `read`, `failed`, `unknown` (nobody can tell whether it went
    out), `parked` or `dropped`. reason: a stable code where it did not go well, explanation the same in words.
    """

    id: str
    direction: Direction
    at: datetime
    channel_id: int | None
    address: str
    text: str
    state: State
    reason: str
    explanation: str
    contact_id: str
    conversation_id: str


class Messages(Told, frozen=True, kw_only=True):
    """A page of messages, the latest first. next: give it as `after` to get the next page; null at the end."""

    messages: tuple[Message, ...]
    next: str | None


# -- whose an address is ----------------------------------------------------------------------------------------------


class Resolve(Given, frozen=True, kw_only=True):
    """Whose address. name: what the person is called, where that is known: it decides between several contacts."""

    address: Address
    name: Annotated[str, Meta(max_length=200)] = ""


class ReasonShape(Told, frozen=True, kw_only=True):
    """Why: a stable code, and the same in words."""

    code: str
    sentence: str


class CandidateShape(Told, frozen=True, kw_only=True):
    """A contact that it can be."""

    contact_id: str
    role: Literal["lead", "user"]
    name: str
    email: str
    phone: str


class Resolution(Told, frozen=True, kw_only=True):
    """The contact that a message from this address would go to now. contact_id: null where a new lead would be made.

    doubtful: a person should look. policy: which contact wins where several have the phone.
    """

    address: str
    contact_id: str | None
    doubtful: bool
    policy: str
    reasons: tuple[ReasonShape, ...]
    candidates: tuple[CandidateShape, ...]


class AddressShape(Told, frozen=True, kw_only=True):
    """One way to a contact. window_seconds: in which free text may still be sent; null where there is no window.

    conversation_id: the current or last one; empty where they never wrote there.
    """

    channel_id: int
    channel: str
    provider: str
    address: str
    opted_out: bool
    window_seconds: float | None
    conversation_id: str


class LinkShape(Told, frozen=True, kw_only=True):
    """An address that leads to a contact, and on which evidence."""

    address: str
    evidence: str
    author: str
    linked_at: datetime


class Addresses(Told, frozen=True, kw_only=True):
    """A contact's addresses: those that lead to it, and the ways on which it can be reached."""

    contact_id: str
    links: tuple[LinkShape, ...]
    reached_on: tuple[AddressShape, ...]


# -- merges -----------------------------------------------------------------------------------------------------------


class Pair(Given, frozen=True, kw_only=True):
    """Two contacts: `from_id` goes, `into_id` stays. take: keys of fields for which the value that goes is kept."""

    from_id: Id
    into_id: Id
    take: tuple[str, ...] = ()


class Merge(Pair, frozen=True, kw_only=True):
    """A merge as its preview showed it. fingerprint: of that preview. way: one of its options."""

    fingerprint: Id
    way: Way = "merge"


class FieldShape(Told, frozen=True, kw_only=True):
    """What becomes of one field. key: for `take`."""

    key: str
    label: str
    from_value: str
    into_value: str
    outcome: str
    result: str


class OptionShape(Told, frozen=True, kw_only=True):
    """One way to bring the two together."""

    way: Way
    label: str
    explanation: str
    reversible: bool
    fields: tuple[FieldShape, ...]
    conversations: int
    notes: int
    tags: tuple[str, ...]
    companies: tuple[str, ...]
    addresses: tuple[str, ...]


class PreviewShape(Told, frozen=True, kw_only=True):
    """What a merge would do; nothing is changed. fingerprint: changes when one of the contacts does."""

    from_id: str
    into_id: str
    fingerprint: str
    options: tuple[OptionShape, ...]
    warnings: tuple[ReasonShape, ...]
    final: str


class MergeShape(Told, frozen=True, kw_only=True):
    """A merge. state: `planned`, `calling` (under way), `merged`, `refused`, `cancelled`, `undoing` or `undone`.

    differences: where the contact that stays is not as the preview said. returned, lost: what an undo brought back, and
    what it could not.
    """

    merge_id: int
    state: str
    way: Way
    from_id: str
    into_id: str
    author: str
    explanation: str
    undoable: bool
    differences: tuple[str, ...]
    undo_contact_id: str
    returned: tuple[str, ...]
    lost: tuple[str, ...]


# -- consents ---------------------------------------------------------------------------------------------------------


class ConsentQuery(Given, frozen=True, kw_only=True):
    """Whose consents."""

    address: Address
    channel: ChannelName


class Consents(Told, frozen=True, kw_only=True):
    """What an address takes on a channel. everything: `out` where no message may go there. since: of the last change.

    source: who said so: `word` or `message` (the customer), `provider`, or `api`; empty where nobody said anything.
    """

    address: str
    channel_id: int
    everything: Literal["in", "out"]
    marketing: Literal["in", "out"]
    source: str
    since: datetime | None


class SetConsent(Given, frozen=True, kw_only=True):
    """Whether an address takes messages on a channel. about: all of them, or only marketing templates."""

    address: Address
    channel: ChannelName
    state: Literal["in", "out"]
    about: Literal["everything", "marketing"] = "everything"

"""What the stage's panes show, as immutable values: two equal ones need no new drawing. `scene.py` makes them."""

from __future__ import annotations

from leadline.console.shown import Why
from leadline.model import Struct


class Line(Struct, frozen=True, kw_only=True):
    """One channel a customer can write on. `named`: its provider tells the customer's profile name.

    phones: customers are phone numbers there; elsewhere `example` is somebody to be. quotes, forms: customers can
    answer one message, or fill in a form there.
    """

    channel_id: int
    name: str
    provider: str
    address: str
    named: bool
    phones: bool
    example: str = ""
    quotes: bool = False
    forms: bool = False


class Caller(Struct, frozen=True, kw_only=True):
    """One customer's address: a phone on any channel of phones, or an id on one channel."""

    sender: str
    name: str = ""
    channel_id: int = 0


class Bubble(Struct, frozen=True, kw_only=True):
    """One message on the customer's phone. `picture` is an address an image element takes, `at` unix seconds.

    number: the provider's id of it. quoted: the words above it. choices: what can be tapped on.
    """

    key: str
    mine: bool
    text: str
    at: float
    state: str
    picture: str = ""
    trouble: str = ""
    number: str = ""
    quoted: str = ""
    choices: tuple[str, ...] = ()


class InboxFile(Struct, frozen=True, kw_only=True):
    """An attachment as the inbox shows it."""

    name: str
    url: str
    is_picture: bool


class Part(Struct, frozen=True, kw_only=True):
    """One message of a conversation. kind: `customer`, `teammate`, `note` or `event`. choices: what to tap on."""

    key: str
    kind: str
    author: str
    text: str
    at: float
    files: tuple[InboxFile, ...] = ()
    choices: tuple[str, ...] = ()


class Item(Struct, frozen=True, kw_only=True):
    """One conversation in the list. Channel, sender and when they last wrote are what Leadline knows of it."""

    conversation_id: str
    name: str
    preview: str
    at: float
    unread: bool
    is_open: bool
    channel: str = ""
    channel_id: int = 0
    handle: str = ""
    sender: str = ""
    written_at: float = 0.0


class Thread(Struct, frozen=True, kw_only=True):
    """An open conversation."""

    conversation_id: str
    title: str
    contact_id: str
    parts: tuple[Part, ...]


class LinkLine(Struct, frozen=True, kw_only=True):
    """One handle linked to the contact."""

    handle: str
    evidence: str
    author: str


class ProfileCard(Struct, frozen=True, kw_only=True):
    """A contact with all its ids. `ids` and `attributes` are (label, value)."""

    name: str
    role: str
    ids: tuple[tuple[str, str], ...]
    attributes: tuple[tuple[str, str], ...]
    links: tuple[LinkLine, ...] = ()
    why: Why | None = None

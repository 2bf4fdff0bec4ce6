"""Reads off a contact which addresses another product knew it by. Pure; `work.py` gives it every contact."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from leadline.identity import handles, phone_fields
from leadline.identity.phone import canonical
from leadline.intercom.contacts import Contact
from leadline.model import Handle, Struct
from leadline.people.imports.octopods import TEL, scheme_of

PHONE = "phone"
"""In place of an attribute: the phone field of a contact."""
LONGEST_SHOWN = 100
LARGEST_EXACT = 2**53
"""Up to here a JSON number that some program read as a float is still the number that was written."""


class Way(Struct, frozen=True, kw_only=True):
    """A channel as an import sees it. scope: under which its customers' ids are known; ids: what they look like, as a
    pattern.
    """

    channel_id: int
    name: str
    scheme: str
    scope: str = ""
    ids: str = r"\S{1,200}"


class Source(Struct, frozen=True, kw_only=True):
    """A contact attribute that holds ids. channel_id: of which channel; 0 where the mark on the contact tells."""

    attribute: str
    channel_id: int = 0


class Claim(Struct, frozen=True, kw_only=True):
    """One address on one contact. handle: empty where there is none, and outcome says why."""

    contact_id: str
    role: str
    attribute: str
    channel: str
    value: str
    handle: str = ""
    outcome: str = ""


class Reader:
    """Knows which attributes to read, and the channels. region: of phones without a country code."""

    def __init__(self, sources: Sequence[Source], ways: Sequence[Way], *, mark: str, region: str) -> None:
        self._sources = sources
        self._ways = ways
        self._mark = mark
        self._region = region

    def claims(self, contact: Contact) -> Iterator[Claim]:
        """Every address that the product left on this contact, and what of it cannot be read."""
        mark = shown(contact.custom_attributes.get(self._mark))
        scheme = scheme_of(mark)
        found = False
        for source in self._sources:
            given = contact.custom_attributes.get(source.attribute)
            if given not in (None, ""):
                found = True
                yield self._id(contact, source, given, mark, scheme)
        if scheme == TEL:
            yield from self._phones(contact, mark)
        elif mark and not scheme:
            yield _claim(contact, self._mark, mark, mark, outcome="no_channel")
        elif mark and not found:
            yield _claim(contact, self._mark, mark, mark, outcome="no_id")

    def _id(self, contact: Contact, source: Source, given: object, mark: str, scheme: str) -> Claim:
        text = shown(given)
        wanted = source.channel_id
        fits = (way for way in self._ways if way.channel_id == wanted or (not wanted and way.scheme == scheme))
        ways = [*{(way.scheme, way.scope): way for way in fits}.values()]
        if len(ways) != 1:
            return _claim(contact, source.attribute, mark or "unknown", text, outcome="no_channel")
        if ways[0].scheme != TEL and not ways[0].scope:
            return _claim(contact, source.attribute, ways[0].name, text, outcome="no_account")
        handle = self._handle(ways[0], given)
        outcome = "" if handle else "unreadable"
        return _claim(contact, source.attribute, ways[0].name, text, handle=handle, outcome=outcome)

    def _handle(self, way: Way, given: object) -> str:
        """The address as links know it; empty where the value is none."""
        text = plain(given)
        if way.scheme == TEL:
            number = canonical(text, region=self._region)
            return handles.name(Handle(TEL, number)) if number else ""
        if not text.isprintable() or not re.fullmatch(way.ids, text):
            return ""
        return handles.name(Handle(way.scheme, text, way.scope))

    def _phones(self, contact: Contact, mark: str) -> Iterator[Claim]:
        """The phone field, which may hold several numbers."""
        numbers = phone_fields.read(contact.phone, region=self._region)
        for number in numbers:
            yield _claim(contact, PHONE, mark, contact.phone, handle=handles.name(Handle(TEL, number)))
        if not numbers:
            yield _claim(
                contact, PHONE, mark, contact.phone, outcome="unreadable" if contact.phone.strip() else "no_id"
            )


def plain(given: object) -> str:
    """An attribute's value as the text of an id; empty for what is none, such as a list or a rounded number."""
    if isinstance(given, float) and given.is_integer() and abs(given) < LARGEST_EXACT:
        given = int(given)
    if isinstance(given, int) and not isinstance(given, bool):
        return str(given)
    return given.strip() if isinstance(given, str) else ""


def shown(given: object) -> str:
    """An attribute's value for people, cut where it is long. No database keeps a NUL."""
    text = "" if given is None else str(given).replace("\0", "").strip()
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def _claim(contact: Contact, attribute: str, channel: str, value: str, *, handle: str = "", outcome: str = "") -> Claim:
    return Claim(
        contact_id=contact.contact_id,
        role=contact.role.value,
        attribute=attribute,
        channel=channel,
        value=shown(value),
        handle=handle,
        outcome=outcome,
    )

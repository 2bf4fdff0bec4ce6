"""The JSON of WhatsApp's contact cards as types, and a card in words. Used by `wire.py` and `words.py`.

Source: webhook pages of the WhatsApp Cloud API, November 2026.
"""

from __future__ import annotations

import msgspec

from leadline.channels.words import card


class CardName(msgspec.Struct):
    formatted_name: str | None = None
    first_name: str | None = None


class CardPhone(msgspec.Struct):
    phone: str | None = None
    wa_id: str | None = None


class CardEmail(msgspec.Struct):
    email: str | None = None


class CardFirm(msgspec.Struct):
    company: str | None = None
    department: str | None = None
    title: str | None = None


class CardAddress(msgspec.Struct):
    street: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    country: str | None = None


class CardLink(msgspec.Struct):
    url: str | None = None


class Card(msgspec.Struct):
    name: CardName | None = None
    phones: list[CardPhone] | None = None
    emails: list[CardEmail] | None = None
    org: CardFirm | None = None
    addresses: list[CardAddress] | None = None
    urls: list[CardLink] | None = None
    birthday: str | None = None


def card_of(given: Card) -> str:
    """A contact card with all that is on it."""
    name, firm = given.name or CardName(), given.org or CardFirm()
    return card(
        name.formatted_name or name.first_name,
        (phone.phone for phone in given.phones or ()),
        (email.email for email in given.emails or ()),
        (firm.title, firm.department, firm.company),
        (_address(address) for address in given.addresses or ()),
        (link.url for link in given.urls or ()),
        (f"born {given.birthday}" if given.birthday else "",),
    )


def _address(address: CardAddress) -> str:
    return " ".join(filter(None, (address.street, address.zip, address.city, address.state, address.country)))

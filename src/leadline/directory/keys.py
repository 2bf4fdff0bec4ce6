"""What a contact is found by, as numbers: phone lines are themselves, all other keys are negative. Pure.

A key says which kind it is in its last three bits, so that two kinds never meet. Two texts share one with a chance of
1 in 10^18; whoever acts on a hit reads the contact first.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from enum import IntEnum
from functools import lru_cache
from itertools import permutations

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberFormat

from leadline.identity import birthdays, emails, phone_fields, resemblance, variants
from leadline.identity.e164 import is_valid
from leadline.identity.phone import canonical
from leadline.intercom.contacts import Contact
from leadline.model import Role, Struct

LONGEST_NAME = 80
LONGEST_FILED = 240
SHORTEST_BESIDE = 2
"""Letters up to which a word says too little to be looked for beside an initial (`resemblance.blocks`)."""
BITS = 3


FORMER_DIALLED = {"MX": ("01", "044", "045")}
"""What `identity/e164.py:FORMER_PREFIXES` takes off."""


class Kind(IntEnum):
    """Kinds of negative keys. BARE: a number without a country code, kept digit by digit. WRITTEN: in the name or the
    phone field stands something that nobody is found by, and that is no address which Leadline put there. BIRTH_YEAR:
    tells people of one name apart; nobody is looked for by it.
    """

    MAILBOX = 1
    EXTERNAL_ID = 2
    ACCOUNT = 3
    BARE = 4
    WRITTEN = 5
    BIRTH_YEAR = 6


WRITTEN_NAME, WRITTEN_PHONE = -(1 << BITS | Kind.WRITTEN), -(2 << BITS | Kind.WRITTEN)


class Filing(Struct, frozen=True, kw_only=True):
    """Which custom attributes are read: those that hold phones, a birthday, or an id on a channel."""

    phones: tuple[str, ...] = ()
    birthdays: tuple[str, ...] = ()
    accounts: frozenset[str] = frozenset()


class Entry(Struct, frozen=True, kw_only=True):
    """One contact as the directory has it. name, email: as keys; updated_at: unix seconds of Intercom's clock."""

    contact_id: str
    role: Role
    name: str = ""
    email: str = ""
    updated_at: int = 0
    keys: tuple[int, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """Its phones in E.164, as far as they have a country code."""
        return tuple(f"+{key}" for key in self.keys if key > 0)

    def phones(self, region: str) -> tuple[str, ...]:
        """Its phones in E.164, those without a country code read as numbers of this region."""
        bare = (canonical(digits, region=region) for digits in map(bare_digits, self.keys) if digits and region)
        return tuple(dict.fromkeys((*self.lines, *(number for number in bare if number and is_valid(number)))))

    @property
    def words(self) -> str:
        """Its name in plain Latin words."""
        return self.name.partition("/")[0]

    @property
    def shown(self) -> str:
        """The same as people read it."""
        return resemblance.shown(self.words)

    @property
    def has_name(self) -> bool:
        """Whether it has a name that is more than an address of its own."""
        return bool(self.words) or WRITTEN_NAME in self.keys

    @property
    def phoned(self) -> bool:
        """Whether anything stands in its phone field, or in an attribute for phones."""
        kinds = {-key & 7 for key in self.keys if key < 0}
        return bool(self.lines) or Kind.BARE in kinds or WRITTEN_PHONE in self.keys


def entry(contact: Contact, filing: Filing) -> Entry:
    """What the directory keeps of a contact."""
    email = emails.key(contact.email)
    read = {field: [*of_field(field)] for field in fields(contact, filing.phones)}
    keys = [key for found in read.values() for key in found]
    keys += [hashed(Kind.MAILBOX, emails.mailbox(email))] if email else []
    keys += [hashed(Kind.EXTERNAL_ID, contact.external_id)] if contact.external_id else []
    accounts = ((name, value) for name, value in contact.custom_attributes.items() if name in filing.accounts)
    ids = [(name, str(value)) for name, value in accounts if value]
    keys += [of_account(name, value) for name, value in ids]
    years = (birthdays.year(contact.custom_attributes.get(name)) for name in filing.birthdays)
    keys += [of_birth_year(year) for year in [next(filter(None, years), 0)] if year]
    name = "" if _is_address(contact, [value for _, value in ids]) else contact.name
    keys += [WRITTEN_NAME] if name.strip() and not resemblance.words(name) else []
    keys += [WRITTEN_PHONE] if contact.phone.strip() and not read[contact.phone] else []
    return Entry(
        contact_id=contact.contact_id,
        role=contact.role,
        name=filed(name),
        email=email,
        updated_at=contact.updated_at,
        keys=tuple(dict.fromkeys(keys)),
    )


def _is_address(contact: Contact, ids: Iterable[str]) -> bool:
    """Whether its name is only its phone or its id on a channel, as Leadline puts it there until it learns a name."""
    name, phone = contact.name.strip(), contact.phone.strip()
    if not name or name in {phone, *ids, *(value.rpartition("/")[2] for value in ids)}:
        return True
    if any(map(str.isalpha, name)):
        return False
    return not {*phone_fields.read(phone)}.isdisjoint(phone_fields.read(name))


def fields(contact: Contact, attributes: Iterable[str]) -> Iterator[str]:
    """The texts of a contact that hold phones: its phone field, then the chosen custom attributes."""
    yield from filter(None, (contact.phone, *(str(contact.custom_attributes.get(name) or "") for name in attributes)))


def of_field(field: str) -> Iterator[int]:
    """A phone field's lines, and what may be a number once a region is known."""
    lines, bare = phone_fields.read_and_bare(field)
    yield from map(int, lines)
    yield from map(of_bare, bare)


def of_line(e164: str, *, region: str = "", whatsapp: bool = False) -> tuple[int, ...]:
    """All keys under which a contact with this line may be filed. region: of numbers without a country code."""
    keys: dict[int, None] = {}
    for number in variants.lines(e164, whatsapp=whatsapp):
        keys[int(number)] = None
        keys |= dict.fromkeys(map(of_bare, _at_home(number, region)))
    return tuple(keys)


def _at_home(e164: str, region: str) -> Iterator[str]:
    """The digits by which people of this region write the number down, or dial it from there."""
    plan = PhoneMetadata.metadata_for_region(region.upper(), None) if region else None
    if plan is None:
        return
    abroad = re.sub(r"\D", "", plan.preferred_international_prefix or plan.international_prefix or "")
    if abroad not in ("", "00"):
        yield abroad + e164[1:]
    if not e164.startswith(f"+{plan.country_code}"):
        return
    number = phonenumbers.parse(e164)
    digits = phonenumbers.national_significant_number(number)
    yield digits
    yield re.sub(r"\D", "", phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL))
    yield from (prefix + digits for prefix in (plan.national_prefix or "", *FORMER_DIALLED.get(region.upper(), ())))


def of_bare(digits: str) -> int:
    """A leading 1 keeps the zeros in front."""
    return -(int(f"1{digits}") << BITS | Kind.BARE)


def bare_digits(key: int) -> str:
    """The digits that `of_bare` made this key of; empty for keys of other kinds."""
    return str(-key >> BITS)[1:] if key < 0 and -key & 7 == Kind.BARE else ""


def of_email(address: str) -> int | None:
    """The key of the mailbox an address ends in; None where it is no address."""
    mailbox = emails.mailbox(address)
    return hashed(Kind.MAILBOX, mailbox) if mailbox else None


def of_external_id(value: str) -> int:
    return hashed(Kind.EXTERNAL_ID, value)


def of_birth_year(year: int) -> int:
    return -(year << BITS | Kind.BIRTH_YEAR)


def of_account(attribute: str, value: str) -> int:
    """An id on a channel, as a custom attribute holds it."""
    return hashed(Kind.ACCOUNT, f"{attribute}={value}")


def hashed(kind: Kind, text: str) -> int:
    digest = hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest()
    return -(int.from_bytes(digest, "big") >> (BITS + 1) << BITS | kind)


def filed(name: str) -> str:
    """A name as it is stored: its words, after a slash what else it is found by.

    That is those sounds that are none of them, and each sound with the first letter of each other one (`birne.a`): a
    search for a name and an initial reads one short list, however many contacts there are.
    """
    words = resemblance.words(name)
    heard = [*map(_heard, words[: resemblance.MOST_WORDS])]
    keys = dict.fromkeys(sound for sound in heard if sound not in words)
    keys |= dict.fromkeys(f"{one}.{other[0]}" for one, other in permutations(heard, 2) if len(one) > SHORTEST_BESIDE)
    text = " ".join(words)[:LONGEST_NAME]
    if not keys:
        return text
    text = f"{text}/{' '.join(keys)}"
    return text if len(text) <= LONGEST_FILED else text[:LONGEST_FILED].rpartition(" ")[0]


@lru_cache(maxsize=65_536)  # a workspace has many names and few words in them
def _heard(word: str) -> str:
    """How a word sounds."""
    return resemblance.keys(word)[-1]


def sought(workspace_id: str, pairs: Iterable[tuple[str, ...]]) -> str:
    """Sets of words, `a*` for a beginning, as the text of a tsquery: any set, all of its words."""
    sets = (each for words in pairs for each in _together(words))
    return " | ".join("(" + " & ".join(_lexeme(workspace_id, word) for word in words) + ")" for words in sets)


def _together(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """A word beside an initial is one key, see `filed`; whichever way the initial sounds."""
    beside = len(words) == 2 and len(words[1]) == 2 and words[1][1] == "*" and not words[0].endswith("*")
    heard = _heard(words[0]) if beside else ""
    if len(heard) <= SHORTEST_BESIDE:
        yield words
        return
    for initial in dict.fromkeys((words[1][0], _heard(words[1][0])[0])):
        yield (f"{heard}.{initial}",)


def _lexeme(workspace_id: str, word: str) -> str:
    quoted = f"{workspace_id}/{word.removesuffix('*')}".replace("\\", "\\\\").replace("'", "''")
    return f"'{quoted}':*" if word.endswith("*") else f"'{quoted}'"

"""Labelled workspaces: contacts as Intercom would have them, each with the person it really is.

The weights were looked at on both `harbour` and `plaza`. `plaza` has another country, other names, two family names,
other rates of everything. A seed makes the same workspace again.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from benchmarks.duplicates import dirt
from benchmarks.duplicates.people import IRELAND, SPAIN, Land, Person, Town, plain

NOW = 1_790_000_000
YEAR = 365 * 86_400


@dataclass(frozen=True)
class Contact:
    """One contact. person: the label. facts: phones and mailboxes of that person that stand in it, however written."""

    person: int
    role: str
    name: str = ""
    email: str = ""
    phone: str = ""
    external_id: str = ""
    facts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Population:
    """Rates of a made workspace. twins: people with two contacts or more; families, firms: people who live or work with
    others that share an address; heirs: people who got somebody's old number.
    """

    name: str
    land: Land
    seed: int
    twins: float
    families: float
    firms: float
    heirs: float


HARBOUR = Population("harbour", IRELAND, 20261128, twins=0.15, families=0.06, firms=0.10, heirs=0.01)
PLAZA = Population("plaza", SPAIN, 77_001, twins=0.22, families=0.12, firms=0.05, heirs=0.02)
POPULATIONS = {one.name: one for one in (HARBOUR, PLAZA)}


def contacts(population: Population, size: int) -> Iterator[Contact]:
    """About so many contacts; those of one person do not stand together in a workspace, so neither do ids here."""
    town = Town(population.seed, population.land, size)
    dice, made = town.dice, 0
    while made < size:
        for contact in _household(town, population, dice):
            made += 1
            yield contact


def _household(town: Town, population: Population, dice: random.Random) -> Iterator[Contact]:
    share = dice.random()
    if share < population.families:
        yield from _family(town, population, dice)
    elif share < population.families + population.firms:
        yield from _firm(town, population, dice)
    else:
        person = town.person()
        yield from _of(town, population, dice, person)
        if person.phones and dice.random() < population.heirs:
            heir = town.person()
            heir.phones = person.phones[:1]
            yield _user(dice, heir, population.land)


def _family(town: Town, population: Population, dice: random.Random) -> Iterator[Contact]:
    """Two to four people with one family name and one phone; some share the mailbox too."""
    first = town.person()
    first.phones = first.phones or [town.number()]
    shared_mail = dice.random() < 0.3
    yield from _of(town, population, dice, first)
    for _ in range(dice.choice([1, 1, 2, 3])):
        other = town.person(first.family)
        if other.given == first.given:
            continue
        other.phones = [first.phones[0]]
        other.emails = first.emails[:1] if shared_mail else other.emails
        yield _user(dice, other, population.land)


def _firm(town: Town, population: Population, dice: random.Random) -> Iterator[Contact]:
    """Three to eight colleagues: one domain, one switchboard, and a mailbox that some of them use."""
    head = town.person()
    domain, board = f"{plain(head.family)}{dice.randrange(10_000)}.example", town.number()
    for _ in range(dice.randrange(3, 9)):
        person = town.person()
        person.emails = [f"info@{domain}" if dice.random() < 0.2 else town.address(person, domain)]
        if dice.random() < 0.5:
            person.phones = [board]
        yield from _of(town, population, dice, person)


def _of(town: Town, population: Population, dice: random.Random, person: Person) -> Iterator[Contact]:
    """All contacts of one person: a user, or a lead, and what came in beside it."""
    first = _user(dice, person, population.land)
    yield first
    if dice.random() < population.twins and (person.phones or person.emails):
        for _ in range(dice.choice([1, 1, 1, 1, 2, 2, 3])):
            yield _twin(town, dice, person, population.land)


def _user(dice: random.Random, person: Person, land: Land) -> Contact:
    user = dice.random() < 0.75
    phones = person.phones[:1] if dice.random() < 0.95 else []
    return Contact(
        person=person.key,
        role="user" if user else "lead",
        name=person.name if dice.random() < 0.95 else "",
        email="".join(person.emails[:1]),
        phone="".join(dirt.phone(dice, number, land) for number in phones),
        external_id=f"crm-{dice.randrange(10**9)}" if user else "",
        facts=(*phones, *person.emails[:1]),
    )


def _twin(town: Town, dice: random.Random, person: Person, land: Land) -> Contact:
    """Another contact of somebody who is there already, by one of the ways in which that happens."""
    kinds = ["imported"]
    kinds += ["texted", "texted", "messenger", "messenger"] if person.phones else []
    kinds += ["wrote", "wrote", "signed up"] if person.emails else []
    kinds += ["mistyped"] if person.emails and person.phones else []
    return WAYS[dice.choice(kinds)](town, dice, person, land)


def _texted(town: Town, dice: random.Random, person: Person, land: Land) -> Contact:
    """An SMS: a lead that is named by its number, or not at all."""
    phone = person.phones[0]
    return Contact(person.key, "lead", dice.choice(["", phone]), phone=phone, facts=(phone,))


def _messenger(town: Town, dice: random.Random, person: Person, land: Land) -> Contact:
    phone = person.phones[0]
    return Contact(person.key, "lead", dirt.profile(dice, person, land), phone=phone, facts=(phone,))


def _wrote(town: Town, dice: random.Random, person: Person, land: Land) -> Contact:
    """An e-mail, with the name that the mail program sends."""
    name = dirt.name(dice, person, land) if dice.random() < 0.85 else ""
    return Contact(person.key, "lead", name, dirt.email(dice, person.emails[0]), facts=(person.emails[0],))


def _signed_up(town: Town, dice: random.Random, person: Person, land: Land) -> Contact:
    """A second account of the same person, under another address of theirs more often than not."""
    own = person.emails[0] if dice.random() < 0.4 else town.address(person, dice.choice(land.mail))
    phones = person.phones[:1] if dice.random() < 0.85 else []
    return Contact(
        person=person.key,
        role="user",
        name=dirt.name(dice, person, land),
        email=dirt.email(dice, own) if own in person.emails else own,
        phone="".join(dirt.phone(dice, number, land) for number in phones),
        external_id=f"crm-{dice.randrange(10**9)}",
        facts=(*phones, own),
    )


def _imported(town: Town, dice: random.Random, person: Person, land: Land) -> Contact:
    """A row of a list from elsewhere."""
    phones = person.phones[:1] if dice.random() < 0.9 else []
    mails = person.emails[:1] if dice.random() < 0.7 or not phones else []
    return Contact(
        person=person.key,
        role=dice.choice(["user", "lead"]),
        name=dirt.name(dice, person, land),
        email="".join(dirt.email(dice, address) for address in mails),
        phone="".join(dirt.phone(dice, number, land) for number in phones),
        facts=(*phones, *mails),
    )


def _mistyped(town: Town, dice: random.Random, person: Person, land: Land) -> Contact:
    """A form filled in with one slip, in the phone or in the e-mail."""
    phone, email = person.phones[0], person.emails[0]
    if dice.random() < 0.5:
        wrong = dirt.wrong_digit(dice, phone)
        return Contact(person.key, "lead", person.name, dirt.email(dice, email), wrong, facts=(email,))
    return Contact(person.key, "lead", person.name, dirt.wrong_email(dice, email), phone, facts=(phone,))


Way = Callable[[Town, random.Random, Person, Land], Contact]
WAYS: Mapping[str, Way] = {
    "texted": _texted,
    "messenger": _messenger,
    "wrote": _wrote,
    "signed up": _signed_up,
    "imported": _imported,
    "mistyped": _mistyped,
}

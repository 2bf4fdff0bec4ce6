"""How one and the same name, phone or e-mail comes to be written differently in a workspace."""

from __future__ import annotations

import random

from benchmarks.duplicates.people import Land, Person, plain


def phone(dice: random.Random, number: str, land: Land) -> str:
    """One of the spellings that people, exports and spreadsheets leave; all digits are there."""
    code, rest = land.code, number[1 + len(land.code) :]
    home = land.home + rest
    return dice.choice(
        [
            number, number, number, number[1:], f"00{number[1:]}", home, f"{home[:3]} {home[3:6]} {home[6:]}",
            f"+{code} {rest[:2]} {rest[2:5]} {rest[5:]}", f"+{code}-{rest[:2]}-{rest[2:]}",
            f"(+{code}) {rest[:3]} {rest[3:]}",
            f"tel:{number}", f"'{number}", f"{number[1:]}.0", f"mob: {number}", f"{number} (mobile)",
            f"+{code}\u00a0{rest[:2]}\u00a0{rest[2:]}", f"{number} ext. 12",
        ]
    )  # fmt: skip


def wrong_digit(dice: random.Random, number: str) -> str:
    """A digit mistyped, or two in the wrong order."""
    place = dice.randrange(len(number) - 6, len(number) - 1)
    if dice.random() < 0.5 and number[place] != number[place + 1]:
        return number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    return number[:place] + str((int(number[place]) + dice.randrange(1, 10)) % 10) + number[place + 1 :]


def email(dice: random.Random, address: str) -> str:
    """The same mailbox written otherwise."""
    local, _, domain = address.partition("@")
    if domain == "gmail.com" and len(local) > 4 and dice.random() < 0.4:
        place = dice.randrange(1, len(local) - 1)
        return f"{local[:place]}.{local[place:]}@{domain}" if "." not in local else f"{local.replace('.', '')}@{domain}"
    return dice.choice(
        [address, address.upper(), f"{local.capitalize()}@{domain}", f"{local}+news@{domain}", f" {address}"]
    )


def wrong_email(dice: random.Random, address: str) -> str:
    """A letter mistyped: in the provider's name, or before the at sign."""
    local, _, domain = address.partition("@")
    slips = {
        "gmail.com": "gmial.com",
        "hotmail.com": "hotmial.com",
        "outlook.com": "outlok.com",
        "hotmail.es": "hotmal.es",
    }
    if domain in slips and dice.random() < 0.6:
        return f"{local}@{slips[domain]}"
    place = dice.randrange(1, max(2, len(local) - 1))
    return f"{local[:place]}{local[place + 1 :]}@{domain}"


def name(dice: random.Random, person: Person, land: Land) -> str:
    """How somebody else, or they themselves another time, write the name down."""
    given, family = person.given, person.family
    full = person.name
    return dice.choice(
        [
            full, full, full.upper(), full.lower(), f"{family} {given}", f"{family}, {given}", f"{given} {family}",
            f"{given[0]}. {family}", f"{land.short.get(given, given)} {family}", slip(dice, full), given,
            plain(given).capitalize() + " " + plain(family).capitalize(), f"{given} {dice.choice(land.given)} {family}",
        ]
    )  # fmt: skip


def slip(dice: random.Random, text: str) -> str:
    """One letter left out, doubled, or exchanged with the next."""
    place = dice.randrange(1, len(text) - 1)
    kind = dice.randrange(3)
    if kind == 0:
        return text[:place] + text[place + 1 :]
    if kind == 1:
        return text[:place] + text[place] + text[place:]
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def profile(dice: random.Random, person: Person, land: Land) -> str:
    """What a messenger shows: seldom the whole name."""
    given = land.short.get(person.given, person.given)
    return dice.choice(
        [
            given, person.name, f"{given} {person.family[0]}", f"{plain(given)}{plain(person.family)[:1]}", "",
            f"{person.given} {person.family}", f"{given} 🌸", f"{plain(given)}_{plain(person.family)}",
        ]
    )  # fmt: skip

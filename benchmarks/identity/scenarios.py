"""What happens to people and their phones, one function for each; `mix.py` mixes them by weight."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.identity.population import (
    DAY,
    START,
    YEARS,
    Event,
    Stored,
    World,
    digits,
    dirty,
    irish,
    sms,
    spelling,
    telegram,
    whatsapp,
)

Made = Iterator[Event]


def say(person: str, at: float, message: dict[str, Any], **more: Any) -> Event:
    return Event(at=at, person=person, **(message | more))


def nobody_known(world: World) -> Made:
    person, number, name = world.person(), world.number(irish), world.name()
    on = world.dice.choice(["sms", "whatsapp"])
    for at in world.times(world.dice.randrange(2, 8)):
        yield say(person, at, sms(number) if on == "sms" else whatsapp(number, name=name.split()[0]))


def known_user(world: World) -> Made:
    """Stored in any spelling; writes by SMS or WhatsApp."""
    person, number, name = world.person(), world.number(irish), world.name()
    world.stored.append(Stored(person, name, spelling(world.dice, number)))
    first, other = world.dice.sample([sms(number), whatsapp(number, name=name)], 2)
    both = world.dice.random() < 0.15
    for at in world.times(world.dice.randrange(2, 8)):
        yield say(person, at, other if both and world.dice.random() < 0.5 else first)


def other_form(world: World) -> Made:
    """Brazil, Mexico, Argentina: stored in one form of the number, written from in the other."""
    line = world.number(digits(7))
    pairs = [
        (f"+55419{'8' + line}", f"+5541{'8' + line}"),
        (f"+5255{'1' + line}", f"+52155{'1' + line}"),
        (f"+5411{'4' + line}", f"+54911{'4' + line}"),
    ]
    pair = world.dice.choice(pairs)
    stored, written = pair if world.dice.random() < 0.6 else (pair[1], pair[0])
    person, name = world.person(), world.name()
    world.stored.append(Stored(person, name, world.dice.choice([stored, stored[1:]])))
    for at in world.times(world.dice.randrange(2, 6)):
        yield say(person, at, whatsapp(written, name=name))


def dirty_field(world: World) -> Made:
    """Stored with words around it, an extension, a second number, or what a spreadsheet made of it."""
    person, number, name = world.person(), world.number(irish), world.name()
    world.stored.append(Stored(person, name, dirty(world.dice, number)))
    for at in world.times(world.dice.randrange(2, 6)):
        yield say(person, at, sms(number) if world.dice.random() < 0.5 else whatsapp(number, name=name))


def both_forms(world: World) -> Made:
    """Nobody on file, and WhatsApp tells the number now in one form and now in the other."""
    line, person, name = world.number(digits(7)), world.person(), world.name()
    pair = world.dice.choice(
        [
            (f"+54911{'4' + line}", f"+5411{'4' + line}"),
            (f"+551197{line}", f"+55117{line}"),
            (f"+24177{line[:6]}", f"+24107{line[:6]}"),
        ]
    )
    for at in world.times(world.dice.randrange(3, 7)):
        yield say(person, at, whatsapp(world.dice.choice(pair), name=name))


def left_number(world: World) -> Made:
    """WhatsApp announces a new number, without ids; soon a stranger writes from the old one."""
    person, stranger, name = world.person(), world.person(), world.name()
    old, new = world.number(irish), world.number(irish)
    moments = world.times(6)
    yield say(person, moments[0], whatsapp(old, name=name))
    yield say(person, moments[1], whatsapp(new, name=name), former=(f"tel:{old}",))
    for at in moments[2:]:
        yield say(person, at, whatsapp(new, name=name))
        yield say(stranger, at + 3600, whatsapp(old, name=world.dice.choice(["", "Zo"])))


def given_phone(world: World) -> Made:
    """A teammate takes the phone off one customer's record and gives it to another's: it is hers, and always was."""
    karl, lena, number = world.person(), world.person(), world.number(irish)
    world.stored.append(Stored(karl, world.name(), spelling(world.dice, number)))
    world.stored.append(Stored(lena, world.name(), ""))
    moments = world.times(4)
    yield say(karl, moments[0], sms(number))
    yield Event(at=moments[0] + 3600, person=karl, kind="given", to=lena)
    for at in moments[1:]:
        yield say(lena, at, sms(number))


def stored_twice(world: World) -> Made:
    """One person, two contacts with the phone: any of them is right, both are a split that was there before."""
    person, number, name = world.person(), world.number(irish), world.name()
    for age in world.dice.sample(range(1, 90), 2):
        role = world.dice.choice(["user", "lead"])
        world.stored.append(Stored(person, name, spelling(world.dice, number), role=role, age=age))
    for at in world.times(world.dice.randrange(2, 6)):
        yield say(person, at, sms(number))


def family_on_file(world: World) -> Made:
    """Two people on one phone, both in Intercom with it; they write by SMS, without names."""
    number, surname = world.number(irish), world.name().split()[1]
    members = [world.person(), world.person()]
    for member, first in zip(members, world.dice.sample(["Maria", "João", "Ana", "Bruno"], 2), strict=True):
        world.stored.append(
            Stored(member, f"{first} {surname}", spelling(world.dice, number), age=world.dice.uniform(1, 90))
        )
    for at in world.times(world.dice.randrange(3, 8)):
        yield say(world.dice.choice(members), at, sms(number))


def family_by_name(world: World) -> Made:
    """The phone is on the mother's contact; the child's WhatsApp runs on it, under the child's name."""
    number, surname = world.number(irish), world.name().split()[1]
    mother, child = world.person(), world.person()
    world.stored.append(Stored(mother, f"Maria {surname}", spelling(world.dice, number)))
    for at in world.times(world.dice.randrange(2, 6)):
        yield say(child, at, whatsapp(number, name=f"João {surname}"))


def family_unseen(world: World) -> Made:
    """As before, but the child writes by SMS, without a name: nothing could tell. Counted apart."""
    number = world.number(irish)
    mother, child = world.person(), world.person()
    world.stored.append(Stored(mother, world.name(), spelling(world.dice, number)))
    for at in world.times(world.dice.randrange(2, 5)):
        writer = world.dice.choice([mother, child])
        yield say(writer, at, sms(number), unknowable=writer == child)


def recycled(world: World) -> Made:
    """A number is given up, ages for 90 days as carriers do, and its new owner writes."""
    number, old, new = world.number(irish), world.person(), world.person()
    old_name, new_name = world.name(), world.name()
    while new_name.split()[0] == old_name.split()[0]:
        new_name = world.name()
    named = world.dice.random() < 0.5  # WhatsApp tells names, SMS does not
    known = world.dice.random() < 0.5
    if known:
        world.stored.append(Stored(old, old_name, spelling(world.dice, number)))
    moments = world.times(world.dice.randrange(2, 5), end=YEARS / 3)
    for at in moments:
        yield say(old, at, whatsapp(number, name=old_name) if named else sms(number))
    again = moments[-1] + (90 + world.dice.uniform(1, 150)) * DAY
    for step in range(world.dice.randrange(1, 5)):
        yield say(new, again + step * DAY, whatsapp(number, name=new_name) if named else sms(number))


def username(world: World) -> Made:
    """WhatsApp first sends phone and id, then the id alone, or the other way round."""
    person, number, account, name = world.person(), world.number(irish), world.number(digits(14)), world.name()
    if world.dice.random() < 0.5:
        world.stored.append(Stored(person, name, spelling(world.dice, number)))
        ways = [(number, "IE." + account), ("", "IE." + account), (number, "IE." + account)]
    else:
        ways = [("", "IE." + account), (number, "IE." + account), ("", "IE." + account)]
    for at, way in zip(world.times(6), [way for way in ways for _ in range(2)], strict=True):
        yield say(person, at, whatsapp(*way, name=name))


def changed_number(world: World) -> Made:
    """WhatsApp tells that the customer has a new number, and a new id."""
    person, old, new, name = world.person(), world.number(irish), world.number(irish), world.name()
    ids = [f"IE.{world.number(digits(14))}" for _ in range(2)]
    if world.dice.random() < 0.5:
        world.stored.append(Stored(person, name, spelling(world.dice, old)))
    moments = world.times(5)
    for at in moments[:2]:
        yield say(person, at, whatsapp(old, ids[0], name=name))
    former = (f"tel:{old}", f"whatsapp:222/{ids[0]}")
    yield say(person, moments[2], whatsapp(new, ids[1], name=name), former=former)
    for at in moments[3:]:
        yield say(person, at, whatsapp(new, ids[1], name=name))


def shared_contact(world: World) -> Made:
    """A Telegram user shares the own phone, and later writes by SMS from it."""
    person, number, user, name = world.person(), world.number(irish), world.number(digits(9)), world.name()
    moments = world.times(5)
    yield say(person, moments[0], telegram(user, name=name))
    yield say(person, moments[1], telegram(user, name=name), attested=(f"tel:{number}",))
    yield say(person, moments[2], telegram(user, name=name))
    for at in moments[3:]:
        yield say(person, at, sms(number))


def merged_by_hand(world: World) -> Made:
    """Nothing joins Telegram and the customer on file, so a teammate merges the lead; half of it by webhook."""
    person, user, name = world.person(), world.number(digits(9)), world.name()
    number = world.number(irish)
    world.stored.append(Stored(person, name, spelling(world.dice, number)))
    moments = world.times(6)
    yield say(person, moments[0], telegram(user, name=name.split()[0]))
    yield Event(at=moments[0] + 600, person=person, kind="merge", told=world.dice.random() < 0.5)
    for at in moments[1:]:
        yield say(person, at, world.dice.choice([telegram(user, name=name.split()[0]), sms(number)]))


def two_channels_at_once(world: World) -> Made:
    """The first messages come within seconds on two channels, while a search sees nothing new."""
    person, number, name = world.person(), world.number(irish), world.name()
    start = START + world.dice.uniform(0, YEARS / 2)
    for step in range(4):
        message = sms(number) if step % 2 else whatsapp(number, name=name)
        yield say(person, start + step * 3.0, message)
    yield say(person, start + 40 * DAY, sms(number))


SCENARIOS: dict[str, tuple[float, Callable[[World], Made]]] = {
    "nobody_known": (26.0, nobody_known),
    "known_user": (30.0, known_user),
    "other_form": (6.0, other_form),
    "dirty_field": (8.0, dirty_field),
    "both_forms": (4.0, both_forms),
    "left_number": (2.0, left_number),
    "given_phone": (2.0, given_phone),
    "stored_twice": (5.0, stored_twice),
    "family_on_file": (3.0, family_on_file),
    "family_by_name": (2.0, family_by_name),
    "family_unseen": (1.0, family_unseen),
    "recycled": (3.0, recycled),
    "username": (8.0, username),
    "changed_number": (2.0, changed_number),
    "shared_contact": (3.0, shared_contact),
    "merged_by_hand": (5.0, merged_by_hand),
    "two_channels_at_once": (6.0, two_channels_at_once),
}
"""Name → how often, in percent of the scenarios, and the function. The shares are assumptions, not measurements."""

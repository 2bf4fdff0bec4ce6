"""What a made population consists of: people, what Intercom knows of them, messages and who really wrote each one.

`scenarios.py` makes them of a seed's dice, so that the same seed makes the same world.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

DAY = 86_400.0
START = 1_700_000_000.0
YEARS = 2 * 365 * DAY
FIRST = [
    "Aoife", "Liam", "Maria", "João", "Ana", "Bruno", "Carla", "Diego", "Elena", "Farid", "Grace", "Hugo",
    "Ines", "Jonas", "Kofi", "Lena", "Mateo", "Nadia", "Oscar", "Petra", "Quentin", "Rosa", "Samir", "Tereza",
    "Ugo", "Vera", "Walid", "Xenia", "Yara", "Zoltan", "Amara", "Bela", "Chidi", "Dunja", "Emre", "Fiona",
]  # fmt: skip
LAST = [
    "Byrne", "Murphy", "Silva", "Costa", "Garcia", "Lopez", "Kelly", "Novak", "Okafor", "Petit", "Quinn",
    "Rossi", "Santos", "Torres", "Udo", "Vidal", "Weber", "Xu", "Yilmaz", "Zeman", "Adeyemi", "Bianchi",
    "Conti", "Dupont", "Eriksen", "Ferrari", "Gruber", "Hansen", "Ivanov", "Jansen",
]  # fmt: skip


@dataclass
class Stored:
    """A contact that Intercom has before the stream begins. `owner`: the person it really is. age: days untouched."""

    owner: str
    name: str
    phone: str
    role: str = "user"
    age: float = 30.0


@dataclass
class Event:
    """One thing that happens: a message, a teammate who merges what is known of `person` into their stored contact, or
    one who takes the phone off it and gives it to the contact of `to` (kind `given`).

    sender: the raw form the provider gives. repeats: the provider delivers it so many times more.
    unknowable: nothing about the message differs from what another person on that line would send.
    """

    at: float
    person: str
    kind: str = "message"
    scenario: str = ""
    channel: str = "sms"
    sender: str = ""
    handles: tuple[str, ...] = ()
    former: tuple[str, ...] = ()
    attested: tuple[str, ...] = ()
    name: str = ""
    repeats: int = 0
    unknowable: bool = False
    told: bool = True
    to: str = ""


@dataclass
class World:
    """Everything a run needs. People are named in `stored` and `events` only.

    rows: dice for messages in a row, apart from the others so that the people are the same without them.
    """

    dice: random.Random
    rows: random.Random
    stored: list[Stored] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    people: int = 0

    def person(self) -> str:
        self.people += 1
        return f"person {self.people}"

    def name(self) -> str:
        return f"{self.dice.choice(FIRST)} {self.dice.choice(LAST)}"

    def number(self, make: Callable[[random.Random], str]) -> str:
        """A number nobody has yet."""
        while (number := make(self.dice)) in self.used:
            pass
        self.used.add(number)
        return number

    def times(self, count: int, start: float = 0.0, end: float = YEARS) -> list[float]:
        """Sorted moments; between two of them less than 80 days, so that no silence is long by chance."""
        first = START + start + self.dice.random() * max(1.0, (end - start) * 0.3)
        moments = [first]
        for _ in range(count - 1):
            moments.append(moments[-1] + self.dice.uniform(60.0, min(80 * DAY, (end - start) * 0.5 / count)))
        return moments


def irish(dice: random.Random) -> str:
    return f"+35385{dice.randrange(2_000_000, 9_999_999)}"


def digits(count: int) -> Callable[[random.Random], str]:
    return lambda dice: "".join(str(dice.randrange(10)) for _ in range(count))


def spelling(dice: random.Random, number: str) -> str:
    """One of ten ways in which an Irish number stands in Intercom."""
    code, area, rest = number[1:4], number[4:6], number[6:]
    return dice.choice(
        [
            number, number[1:], "00" + number[1:], f"0{area}{rest}", f"+{code} {area} {rest[:3]} {rest[3:]}",
            f"0{area} {rest[:3]} {rest[3:]}", f"+{code}-{area}-{rest[:3]}-{rest[3:]}",
            f"(0{area}) {rest[:3]} {rest[3:]}", f"+{code} (0){area} {rest[:3]} {rest[3:]}", f"{area}{rest}",
        ]
    )  # fmt: skip


def dirty(dice: random.Random, number: str) -> str:
    """An Irish number with what exports, spreadsheets and people leave around it; all digits are there."""
    code, area, rest = number[1:4], number[4:6], number[6:]
    return dice.choice(
        [
            f"tel:{number}", f"'+{code} {area} {rest}", f"{number[1:]}.0", f"mob: +{code} {area} {rest}",
            f"+{code} {area} {rest} (mobile)", f"(+{code}) {area}{rest[:3]} {rest[3:]}",
            f"0{area}-{rest[:2]}-{rest[2:]}",
            f"+{code} {area} {rest} ext. 12", f"+{code}\u00a0{area}\u00a0{rest}", f"0{area} {rest} / 01 555 0100",
            f"+{code} {area} {rest} or +34 611 936 811",
        ]
    )  # fmt: skip


def sms(number: str, **more: object) -> dict[str, object]:
    return {"channel": "sms", "sender": number, "handles": (f"tel:{number}",)} | more


def whatsapp(number: str = "", account: str = "", **more: object) -> dict[str, object]:
    """A WhatsApp message: with a phone, an account id or both."""
    handles = ((f"tel:{number}",) if number else ()) + ((f"whatsapp:222/{account}",) if account else ())
    return {"channel": "whatsapp", "sender": number[1:] or account, "handles": handles} | more


def telegram(user: str, **more: object) -> dict[str, object]:
    return {"channel": "telegram", "sender": user, "handles": (f"telegram:9/{user}",)} | more

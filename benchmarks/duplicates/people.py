"""The people behind a made workspace: names as common as real ones, phones, e-mails, families and firms.

Nothing here comes from the scorer's tables: short forms, names and kinds of dirt are this file's and `dirt.py`'s own.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

SYLLABLES = ("bal", "cor", "den", "fen", "gar", "hol", "jun", "kel", "lor", "mor", "nev", "pol", "ran", "sal", "tor",
             "vas", "wil", "zan", "ber", "dru", "ela", "ist", "oma", "uru", "ste", "gri", "mac", "lin", "hart",
             "wood")  # fmt: skip
ENDINGS = ("", "son", "ez", "ini", "ova", "sen", "ton", "ley", "er", "ski", "ides", "oglu", "escu", "mann", "aux", "ic")


@dataclass(frozen=True)
class Land:
    """Where the people of a population live: their names, short forms, numbers and mail providers.

    code, home: the country code, and what stands before a number at home. mobiles: first digits and how many follow.
    """

    region: str
    code: str
    home: str
    mobiles: tuple[str, int]
    given: Sequence[str]
    family: Sequence[str]
    short: dict[str, str]
    mail: Sequence[str]
    two_families: bool = False


IRELAND = Land(
    region="IE", code="353", home="0", mobiles=("85 86 87 89 83", 7),
    given=("Aoife", "Liam", "Seán", "Niamh", "Conor", "Ciara", "Patrick", "Mary", "John", "Margaret", "Michael",
    "Catherine",
           "Thomas", "Elizabeth", "William", "Róisín", "Oisín", "Fiona", "Declan", "Sinéad", "Robert", "Katherine",
           "James",
           "Deirdre", "Brendan", "Gráinne", "Kevin", "Orla", "Stephen", "Joanna", "Daniel", "Rebecca", "Matthew",
           "Agnieszka"),
    family=("Murphy", "Kelly", "O'Sullivan", "Walsh", "Smith", "O'Brien", "Byrne", "Ryan", "O'Connor", "O'Neill",
    "Reilly",
            "Doyle", "McCarthy", "Gallagher", "Doherty", "Kennedy", "Lynch", "Murray", "Quinn", "Moore", "McLoughlin",
            "Carroll", "Connolly", "Daly", "Wilson", "Dunne", "Brennan", "Burke", "Collins", "Campbell", "Clarke",
            "Nowak"),
    short={"Patrick": "Pat", "Margaret": "Peg", "Michael": "Mick", "Catherine": "Kate", "Thomas": "Tom",
    "Elizabeth": "Liz",
           "William": "Bill", "Robert": "Bob", "Katherine": "Kathy", "James": "Jim", "Stephen": "Steve", "Joanna": "Jo",
           "Daniel": "Dan", "Rebecca": "Becky", "Matthew": "Matt", "John": "Jack"},
    mail=("gmail.com", "gmail.com", "gmail.com", "hotmail.com", "yahoo.ie", "outlook.com", "icloud.com", "eircom.net"),
)  # fmt: skip
SPAIN = Land(
    region="ES", code="34", home="", mobiles=("6 7", 8),
    given=("María", "José", "Antonio", "Carmen", "Manuel", "Ana", "Francisco", "Isabel", "David", "Dolores", "Juan",
    "Pilar",
           "Javier", "Teresa", "Daniel", "Rosa", "Jesús", "Cristina", "Carlos", "Lucía", "Rafael", "Elena", "Miguel",
           "Sergio",
           "Guadalupe", "Fernando", "Montserrat", "Álvaro", "Begoña", "Jürgen", "Алексей", "Mohamed", "Fátima",
           "Ștefan"),
    family=("García", "González", "Rodríguez", "Fernández", "López", "Martínez", "Sánchez", "Pérez", "Gómez", "Martín",
            "Jiménez", "Ruiz", "Hernández", "Díaz", "Moreno", "Muñoz", "Álvarez", "Romero", "Alonso", "Gutiérrez",
            "Navarro",
            "Torres", "Domínguez", "Vázquez", "Ramos", "Gil", "Ramírez", "Serrano", "Blanco", "Molina", "Müller",
            "Ionescu"),
    short={"Francisco": "Paco", "José": "Pepe", "Dolores": "Lola", "Guadalupe": "Lupe", "Montserrat": "Montse",
           "Fernando": "Fer", "Cristina": "Cris", "Javier": "Javi", "Rafael": "Rafa", "Manuel": "Manolo",
           "Antonio": "Toni"},
    mail=("gmail.com", "gmail.com", "hotmail.es", "yahoo.es", "telefonica.net", "outlook.es", "icloud.com"),
    two_families=True,
)  # fmt: skip


@dataclass
class Person:
    """Somebody. phones in E.164; the first e-mail is the usual one. key: the label."""

    key: int
    given: str
    family: str
    second: str = ""
    phones: list[str] = field(default_factory=list)
    emails: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return " ".join(filter(None, (self.given, self.family, self.second)))


class Town:
    """Makes people. Half of all family names are common ones, the others come from thousands, as in real registers."""

    def __init__(self, seed: int, land: Land, size: int) -> None:
        self.dice = random.Random(seed)
        self.land = land
        self._rare = max(200, size // 30)
        self._made = 0
        self._numbers: set[str] = set()
        self._addresses: set[str] = set()

    def person(self, family: str = "") -> Person:
        self._made += 1
        dice, land = self.dice, self.land
        person = Person(self._made, self._given(), family or self._family())
        person.second = self._family() if land.two_families and dice.random() < 0.8 else ""
        if dice.random() < 0.9:
            person.phones.append(self.number())
        if dice.random() < 0.75:
            person.emails.append(self.address(person, dice.choice(land.mail)))
        return person

    def number(self) -> str:
        """A mobile nobody has yet."""
        firsts, digits = self.land.mobiles
        while True:
            rest = "".join(str(self.dice.randrange(10)) for _ in range(digits))
            number = f"+{self.land.code}{self.dice.choice(firsts.split())}{rest}"
            if number not in self._numbers:
                self._numbers.add(number)
                return number

    def address(self, person: Person, domain: str) -> str:
        """An e-mail nobody has yet, made of the name as people make them."""
        given, family = plain(person.given), plain(person.family)
        while True:
            local = self.dice.choice(
                [f"{given}.{family}", f"{given}{family}", f"{given[0]}{family}",
                f"{given}.{family}{self.dice.randrange(100)}",
                 f"{given}{self.dice.randrange(1950, 2008)}", f"{family}{given}",
                 f"{family}.{self.dice.randrange(1000)}",
                 f"{given}{family[:1]}{self.dice.randrange(10000)}"]
            )  # fmt: skip
            address = f"{local}@{domain}"
            if address not in self._addresses:
                self._addresses.add(address)
                return address

    def _given(self) -> str:
        """Common ones far more often than the others."""
        names = self.land.given
        return names[min(len(names) - 1, int(len(names) ** self.dice.random()) - 1 + self.dice.randrange(2))]

    def _family(self) -> str:
        names = self.land.family
        if self.dice.random() < 0.5:
            return names[min(len(names) - 1, int(len(names) ** self.dice.random()) - 1 + self.dice.randrange(3))]
        rank = self.dice.randrange(self._rare)
        return made_up(rank)


def made_up(rank: int) -> str:
    """The family name of this rank; each rank has its own."""
    first, rest = rank % len(SYLLABLES), rank // len(SYLLABLES)
    second, rest = rest % len(SYLLABLES), rest // len(SYLLABLES)
    ending = ENDINGS[rest % len(ENDINGS)]
    more = SYLLABLES[rest // len(ENDINGS) % len(SYLLABLES)] if rest >= len(ENDINGS) else ""
    return (SYLLABLES[first] + SYLLABLES[second] + more + ending).capitalize()


_LATIN = str.maketrans("áàâãäéèêëíìîïóòôõöúùûüñçșțÁÉÍÓÚÑÜ", "aaaaaeeeeiiiiooooouuuuncstaeiounu")


def plain(name: str) -> str:
    """A name as it stands in an e-mail address."""
    latin = "".join(char for char in name.lower().translate(_LATIN) if "a" <= char <= "z")
    return latin or "aleksei"

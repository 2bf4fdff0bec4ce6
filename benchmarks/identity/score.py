"""Compares where messages went with who really wrote them. The definitions are in README.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass
class Landed:
    """One message after a policy put it somewhere. contact: '' when it waits for a person. calls: the routes called."""

    person: str
    contact: str
    doubtful: bool
    known: bool
    calls: tuple[str, ...]
    unknowable: bool
    scenario: str


@dataclass
class Ledger:
    """Owners of contacts, merges, and every message that landed."""

    owners: dict[str, str]
    stored: dict[str, set[str]]
    landed: list[Landed] = field(default_factory=list)
    merged: dict[str, str] = field(default_factory=dict)

    def put(self, message: Landed) -> None:
        """A contact nobody owned is a lead made for this person."""
        self.owners.setdefault(message.contact, message.person)
        self.landed.append(message)

    def now(self, contact: str) -> str:
        while contact in self.merged:
            contact = self.merged[contact]
        return contact

    def is_wrong(self, message: Landed) -> bool:
        return bool(message.contact) and self.owners[self.now(message.contact)] != message.person


def score(ledger: Ledger) -> dict[str, float]:
    """Rates between 0 and 1, and calls per message."""
    all_messages = ledger.landed
    judged = [one for one in all_messages if not one.unknowable]
    wrong = [one for one in judged if ledger.is_wrong(one)]
    known = [len(one.calls) for one in all_messages if one.known]
    fresh = [len(one.calls) for one in all_messages if not one.known]
    people = {one.person for one in all_messages}
    return {
        "wrong_rate": _share(len(wrong), len(judged)),
        "undeclared_rate": _share(sum(not one.doubtful for one in wrong), len(judged)),
        "split_rate": _share(len(split(ledger)), len(people)),
        "doubt_rate": _share(sum(one.doubtful for one in all_messages), len(all_messages)),
        "calls_per_known_message": round(sum(known) / max(1, len(known)), 3),
        "calls_per_new_sender": round(sum(fresh) / max(1, len(fresh)), 3),
        "unknowable_wrong_rate": _share(
            sum(one.unknowable and ledger.is_wrong(one) for one in all_messages), len(all_messages)
        ),
    }


def split(ledger: Ledger) -> set[str]:
    """People who have their messages on two contacts of theirs, or on a lead beside the contact they had already."""
    used: dict[str, set[str]] = {}
    for one in ledger.landed:
        contact = ledger.now(one.contact)
        if contact and ledger.owners[contact] == one.person:
            used.setdefault(one.person, set()).add(contact)
    return {
        person
        for person, contacts in used.items()
        if len(contacts) > 1 or (ledger.stored.get(person) and not contacts & ledger.stored[person])
    }


def split_scenarios(ledger: Ledger) -> list[str]:
    """The scenario of every person who is split."""
    scenarios = {one.person: one.scenario for one in ledger.landed}
    return [scenarios[person] for person in split(ledger)]


def by_scenario(ledger: Ledger) -> Mapping[str, tuple[int, int, int]]:
    """Scenario → messages, wrong ones, and wrong ones that nobody was told to doubt."""
    found: dict[str, tuple[int, int, int]] = {}
    for one in ledger.landed:
        wrong = ledger.is_wrong(one)
        count, bad, silent = found.get(one.scenario, (0, 0, 0))
        found[one.scenario] = (count + 1, bad + wrong, silent + (wrong and not one.doubtful))
    return found


def routes(ledger: Ledger, *, known: bool) -> Counter[str]:
    """What was called for messages of known or new senders, and how often."""
    return Counter(route for one in ledger.landed if one.known is known for route in one.calls)


def _share(part: int, whole: int) -> float:
    return round(part / max(1, whole), 5)

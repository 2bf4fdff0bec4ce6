"""Who else may be this contact? Shown to people with its score and the reasons, acted on by nobody else.

The score is that of the duplicates (`same_person.py`), with what only the contact of a conversation shows: phones that
its senders proved, other e-mails that channels named, addresses in its messages. Pure; `people/suggestions.py` asks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from leadline.identity import emails
from leadline.identity.compared import Counts, Record
from leadline.identity.resemblance import KINDS
from leadline.identity.same_person import Evidence, Score, ordered, reasons_in_words, score
from leadline.identity.same_person_rules import Rules
from leadline.identity.variants import meeting
from leadline.model import Role, Struct

MOST = 5
LEAST = 15
"""Tenths of a point from which a contact is shown."""
COMMON = 3
"""More contacts than this whose names alone are alike in one way, and the name tells nothing of a person."""
IMPERSONAL = {"firm_email", "part_of_name", "near_phone", "near_email"}
"""What many people share, or what a slip makes: alone it suggests nobody."""
_PHONES = {"same_phone", "near_phone", "other_phone"}
_SAME_MAILBOX = {"same_email", "same_mailbox"}


class Subject(Struct, frozen=True, kw_only=True):
    """The contact that twins are looked for.

    record: with the lines of all its senders. emails: others of his, that a channel named, as `emails.key` gives them.
    attested: lines that his senders proved. said: e-mails (by key) and phones (in E.164) that his messages name, each
    with the words around it. different: contacts that people said are somebody else.
    """

    record: Record
    emails: frozenset[str] = frozenset()
    attested: frozenset[int] = frozenset()
    said: Mapping[str, str] = {}
    different: frozenset[str] = frozenset()


class Likely(Struct, frozen=True):
    """A contact that may be the same person. rules: the version that scored it. quotes: words of his messages."""

    record: Record
    score: Score
    rules: str
    quotes: tuple[str, ...] = ()

    @property
    def why(self) -> tuple[str, ...]:
        """The score with its reasons in words, then what was said."""
        reasons = f"{self.score.points:.1f} points (rules {self.rules}): {reasons_in_words(self.score)}"
        return (reasons, *(f"“{quote}”" for quote in self.quotes))


def suggest(
    subject: Subject, found: Iterable[Record], counts: Counts, rules: Rules, *, most: int = MOST
) -> tuple[Likely, ...]:
    """The best of the contacts found, best first; those that too little speaks for are left out.

    counts: how common values are in the workspace, as far as it was looked at.
    """
    left_out = {subject.record.contact_id, *subject.different}
    others = {one.contact_id: one for one in found if one.contact_id not in left_out}
    made = [one for one in (_likely(subject, other, counts, rules) for other in others.values()) if _speaks(one.score)]
    namesakes = Counter(filter(None, (_only_name(one.score) for one in made)))
    shown = (one for one in made if namesakes[_only_name(one.score)] <= COMMON)
    return tuple(sorted(shown, key=_rank)[:most])


def _likely(subject: Subject, other: Record, counts: Counts, rules: Rules) -> Likely:
    found = score(_facing(subject, other), other, counts, rules).evidence
    said = dict(_said(subject, other, {one.code for one in found}))
    proven = other.lines & subject.attested
    if proven:
        found = tuple(one for one in found if one.code not in _PHONES)
    codes = [(code, count) for code, (count, _) in said.items()]
    codes += [("attested_phone", min(counts.lines.get(line, 2) for line in proven))] if proven else []
    more = (Evidence(code, rules.tenths(code, count), count) for code, count in codes)
    return Likely(other, ordered((*found, *more)), rules.version, tuple(quote for _, quote in said.values()))


def _facing(subject: Subject, other: Record) -> Record:
    """The subject with that one of its e-mails which is nearest to the other's."""
    for email in sorted({subject.record.email, *subject.emails}, key=lambda one: (one != other.email, one)):
        if other.email and emails.mailbox(email) == emails.mailbox(other.email):
            return msgspec.structs.replace(subject.record, email=email)
    return subject.record


def _said(subject: Subject, other: Record, known: set[str]) -> Iterator[tuple[str, tuple[int, str]]]:
    """What his messages name of the other, where nothing surer says the same: the code, its count, the words."""
    for text, quote in subject.said.items():
        if "@" in text:
            same = bool(other.email) and emails.mailbox(text) == emails.mailbox(other.email)
            if same and not emails.shared(text) and not known & _SAME_MAILBOX:
                yield "said_email", (0, quote)
        elif "same_phone" not in known and meeting(int(text[1:])) in other.lines:
            yield "said_phone", (0, quote)


def _speaks(found: Score) -> bool:
    personal = any(one.tenths > 0 and one.code not in IMPERSONAL for one in found.evidence)
    return personal and found.tenths >= LEAST


def _only_name(found: Score) -> str:
    """How the names are alike, where nothing else speaks for the contact; else empty."""
    codes = [one.code for one in found.evidence if one.tenths > 0]
    return codes[0] if len(codes) == 1 and codes[0] in KINDS else ""


def _rank(made: Likely) -> tuple[int, bool, int, str]:
    """The best score, then users (a lead can be merged into one), then the latest updated."""
    one = made.record
    return -made.score.tenths, one.role is not Role.USER, -one.updated_at, one.contact_id

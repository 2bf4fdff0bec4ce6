"""Who else may be this contact? Shown to people with reasons, acted on by nobody else.

Pure; `people/suggestions.py` asks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from leadline.identity import emails
from leadline.identity.resemblance import likeness
from leadline.identity.variants import same_line
from leadline.model import Candidate, Reason, Role, Struct

MOST = 5
COMMON = 3
"""More contacts than this with one e-mail, or with a name alike, and it tells nothing of a person."""
STRENGTH = (
    "attested_phone", "same_email", "same_phone", "same_rare_name", "said_email", "said_phone", "same_mailbox",
    "similar_name", "middle_name", "nickname", "initial",
)  # fmt: skip
"""Reason codes of suggestions, the strongest first."""


class Suggestion(Struct, frozen=True):
    """A contact that may be the same person, and why: the strongest reason first."""

    contact: Candidate
    reasons: tuple[Reason, ...]


class Subject(Struct, frozen=True, kw_only=True):
    """The contact that twins are looked for.

    emails: his, also those a channel named. phones: his lines in E.164. attested: those his senders proved.
    said: e-mails and phones that his messages name, each with the words around it.
    different: contacts that people said are somebody else. region: of phones stored without country code.
    """

    contact: Candidate
    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    attested: frozenset[str] = frozenset()
    said: Mapping[str, str] = {}
    different: frozenset[str] = frozenset()
    region: str = ""


def suggest(
    subject: Subject, found: Iterable[Candidate], lines: Mapping[str, frozenset[str]] | None = None
) -> tuple[Suggestion, ...]:
    """At most five of the contacts found, best first; those without a reason are left out.

    lines: phones in E.164 that Leadline has linked to a contact, or that one of its attributes holds, by its id.
    """
    others = {one.contact_id: one for one in found if one.contact_id != subject.contact.contact_id}
    case = _Case(subject, [*others.values()])
    made = []
    for one in others.values():
        reasons = case.reasons(one, (lines or {}).get(one.contact_id, frozenset()))
        if reasons and one.contact_id not in subject.different:
            made.append(Suggestion(one, reasons))
    return tuple(sorted(made, key=_rank)[:MOST])


class _Case:
    """What is common among those found, and so tells nothing."""

    def __init__(self, subject: Subject, others: list[Candidate]) -> None:
        self.subject = subject
        self.likeness = {one.contact_id: likeness(subject.contact.name, one.name) for one in others}
        self.kinds = Counter(self.likeness.values())
        self.mailboxes = Counter(emails.mailbox(one.email) for one in others)

    def reasons(self, one: Candidate, lines: frozenset[str]) -> tuple[Reason, ...]:
        found = (*self._phones(one, lines), *self._emails(one), *self._said(one, lines), *self._name(one))
        return tuple(sorted(found, key=lambda reason: STRENGTH.index(reason.code)))

    def _has(self, one: Candidate, lines: frozenset[str], phone: str) -> bool:
        stored = bool(one.phone) and same_line(one.phone, phone, region=self.subject.region)
        return stored or any(same_line(line, phone) for line in lines)

    def _phones(self, one: Candidate, lines: frozenset[str]) -> Iterator[Reason]:
        subject = self.subject
        for code, phones in (("attested_phone", subject.attested), ("same_phone", subject.phones - subject.attested)):
            same = sorted(phone for phone in phones if self._has(one, lines, phone))
            yield from (Reason(code, phone) for phone in same[:1])

    def _emails(self, one: Candidate) -> Iterator[Reason]:
        mailbox = emails.mailbox(one.email)
        if not mailbox or emails.shared(mailbox) or self.mailboxes[mailbox] > COMMON:
            return
        if emails.key(one.email) in {emails.key(email) for email in self.subject.emails}:
            yield Reason("same_email", one.email)
        elif mailbox in {emails.mailbox(email) for email in self.subject.emails}:
            yield Reason("same_mailbox", one.email)

    def _said(self, one: Candidate, lines: frozenset[str]) -> Iterator[Reason]:
        for text, quote in self.subject.said.items():
            if "@" in text and one.email and emails.mailbox(text) == emails.mailbox(one.email):
                yield Reason("said_email", quote)
            elif "@" not in text and self._has(one, lines, text):
                yield Reason("said_phone", quote)

    def _name(self, one: Candidate) -> Iterator[Reason]:
        kind = self.likeness[one.contact_id]
        if kind == "same_name" and self.kinds[kind] == 1:
            yield Reason("same_rare_name", one.name)
        elif kind not in {"", "same_name"} and self.kinds[kind] <= COMMON:
            yield Reason(kind, one.name)


def _rank(made: Suggestion) -> tuple[int, int, bool, int, str]:
    """Strongest reason, then more of them, then users (a lead can be merged into one), then the latest updated."""
    one = made.contact
    best = min(STRENGTH.index(reason.code) for reason in made.reasons)
    return best, -len(made.reasons), one.role is not Role.USER, -one.updated_at, one.contact_id

"""Who else may be this contact? Shown to people with reasons, acted on by nobody else.

Pure; `people/suggestions.py` asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from leadline.identity.names import folded
from leadline.identity.variants import same_line
from leadline.model import Candidate, Reason, Role, Struct

MOST = 5
STRENGTH = ("attested_phone", "same_email", "same_phone", "same_rare_name")
"""Reason codes of suggestions, the strongest first."""


class Suggestion(Struct, frozen=True):
    """A contact that may be the same person, and why: the strongest reason first."""

    contact: Candidate
    reasons: tuple[Reason, ...]


class Subject(Struct, frozen=True, kw_only=True):
    """The contact that twins are looked for.

    emails: his, also those a channel named. phones: his lines in E.164. attested: those his senders proved.
    different: contacts that people said are somebody else. region: of phones stored without country code.
    """

    contact: Candidate
    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    attested: frozenset[str] = frozenset()
    different: frozenset[str] = frozenset()
    region: str = ""


def suggest(
    subject: Subject, found: Iterable[Candidate], lines: Mapping[str, frozenset[str]] | None = None
) -> tuple[Suggestion, ...]:
    """At most five of the contacts found, best first; those without a reason are left out.

    lines: phones in E.164 that Leadline has linked to a contact, by its id.
    """
    others = {one.contact_id: one for one in found if one.contact_id != subject.contact.contact_id}
    names = [folded(one.name) for one in others.values()]
    rare = folded(subject.contact.name) if names.count(folded(subject.contact.name)) == 1 else ""
    made = []
    for one in others.values():
        reasons = _reasons(subject, one, (lines or {}).get(one.contact_id, frozenset()), rare)
        if reasons and one.contact_id not in subject.different:
            made.append(Suggestion(one, reasons))
    return tuple(sorted(made, key=_rank)[:MOST])


def _reasons(subject: Subject, one: Candidate, lines: frozenset[str], rare: str) -> tuple[Reason, ...]:
    def has(phone: str) -> bool:
        stored = bool(one.phone) and same_line(one.phone, phone, region=subject.region)
        return stored or any(same_line(line, phone) for line in lines)

    proven = sorted(filter(has, subject.attested))
    same = sorted(filter(has, subject.phones - subject.attested))
    reasons = [Reason("attested_phone", phone) for phone in proven[:1]]
    if one.email and one.email.casefold() in {email.casefold() for email in subject.emails}:
        reasons.append(Reason("same_email", one.email))
    reasons += [Reason("same_phone", phone) for phone in same[:1]]
    if rare and folded(one.name) == rare:
        reasons.append(Reason("same_rare_name", one.name))
    return tuple(reasons)


def _rank(made: Suggestion) -> tuple[int, int, bool, int, str]:
    """Strongest reason, then more of them, then users (a lead can be merged into one), then the latest updated."""
    one = made.contact
    best = min(STRENGTH.index(reason.code) for reason in made.reasons)
    return best, -len(made.reasons), one.role is not Role.USER, -one.updated_at, one.contact_id

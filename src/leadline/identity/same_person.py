"""How likely two contacts are one person: what agrees, what disagrees, and what each is worth, in bits. Pure.

`merging/duplicates` asks for all of a workspace, `suggest.py` for one contact. The weights are in
`same_person_rules.py`, in tenths of a bit, so that sums are exact wherever they are made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from leadline.identity import emails
from leadline.identity.compared import Counts, Record
from leadline.identity.resemblance import compared
from leadline.identity.same_person_rules import LATEST, RULES, SURELY, Rules, step
from leadline.identity.slips import one_slip_apart
from leadline.model import Role, Struct

SHORTEST_NEAR = 5
"""Letters before the at sign from which one slip still shows the same address."""
NAMES = {"same_name", "similar_name", "middle_name"}
ADDRESSES = {"same_phone", "same_email", "same_mailbox", "same_account", "same_external_id"}
AGAINST = {"colleagues", "half_name", "relatives", "other_name", "other_generation", "other_birth_year"}


class Evidence(Struct, frozen=True):
    """What agrees or disagrees. tenths: what it is worth. count: how common it is, see Counts; 0: not counted."""

    code: str
    tenths: int
    count: int = 0


class Score(Struct, frozen=True):
    """The evidence of a pair, the strongest first. Above 0 points more speaks for one person than against it."""

    evidence: tuple[Evidence, ...]

    @property
    def tenths(self) -> int:
        return sum(one.tenths for one in self.evidence)

    @property
    def points(self) -> float:
        return self.tenths / 10

    @property
    def passes_name_gate(self) -> bool:
        """The name gate: an address and the name agree, and nothing speaks of two people.

        Only such a pair may be proposed for merging unattended; never one on a phone or an e-mail alone.
        """
        for_it = {one.code for one in self.evidence if one.tenths > 0}
        return bool(for_it & NAMES and for_it & ADDRESSES) and not {one.code for one in self.evidence} & AGAINST


def score(one: Record, other: Record, counts: Counts, rules: Rules = RULES[LATEST]) -> Score:
    """Compare two contacts by these rules; the same whichever comes first."""
    found = (*_phones(one, other, counts), *_emails(one, other, counts), *_ids(one, other, counts))
    found = (*found, *_names(one, other, counts), *_births(one, other))
    known = ((code, count) for code, count in found if code in rules.weights)  # old rules know fewer kinds
    return ordered(Evidence(code, rules.tenths(code, count), count) for code, count in known)


def two_people(one: Record, other: Record) -> bool:
    """Whether two contacts are surely not one person, whatever connects them."""
    scored = score(one, other, Counts())
    against = [each for each in scored.evidence if each.code in AGAINST]
    return any(each.tenths <= SURELY for each in against) or (scored.tenths < 0 and bool(against))


def ordered(evidence: Iterable[Evidence]) -> Score:
    """The evidence as a score, the strongest first."""
    return Score(tuple(sorted(evidence, key=lambda each: (-each.tenths, each.code))))


Found = Iterator[tuple[str, int]]


def _phones(one: Record, other: Record, counts: Counts) -> Found:
    shared = one.lines & other.lines
    if shared:
        yield "same_phone", min(counts.lines.get(line, 2) for line in shared)
    elif any(near_line(line, each) for line in one.lines for each in other.lines):
        yield "near_phone", 0
    elif one.lines and other.lines:
        yield "other_phone", 0


def near_line(one: int, other: int) -> bool:
    """One digit of it wrong, or two of them in the wrong order."""
    left, right = str(one), str(other)
    return len(left) == len(right) and one_slip_apart(left, right)


def _emails(one: Record, other: Record, counts: Counts) -> Found:
    if not one.email or not other.email:
        return
    mailbox = emails.mailbox(one.email)
    if mailbox == emails.mailbox(other.email):
        code = (
            "firm_email" if emails.shared(one.email) else "same_email" if one.email == other.email else "same_mailbox"
        )
        yield code, counts.mailboxes.get(mailbox, 2)
    elif near_email(one.email, other.email):
        yield "near_email", 0
    else:
        yield ("colleagues" if emails.firm(one.email) == emails.firm(other.email) != "" else "other_email"), 0


def near_email(one: str, other: str) -> bool:
    """One slip apart, and not in a digit: those tell people of one name apart."""
    if min(one.find("@"), other.find("@")) < SHORTEST_NEAR or _digits(one) != _digits(other):
        return False
    return one_slip_apart(one.encode(), other.encode())


def _digits(text: str) -> str:
    return "".join(char for char in text if "0" <= char <= "9")


def _ids(one: Record, other: Record, counts: Counts) -> Found:
    if one.external_id == other.external_id != 0:
        yield "same_external_id", 0
    elif one.external_id and other.external_id and one.role is other.role is Role.USER:  # those of leads are made up
        yield "other_external_id", 0
    if shared := one.accounts & other.accounts:
        yield "same_account", min(counts.accounts.get(key, 2) for key in shared)


def _names(one: Record, other: Record, counts: Counts) -> Found:
    kind = compared(one.name, other.name)
    if kind:
        yield kind, max(counts.names.get(each.name_key, 2) for each in (one, other))


def _births(one: Record, other: Record) -> Found:
    """The count is the years between. The same year says nothing: one in sixty has it."""
    if one.birth_year and other.birth_year and one.birth_year != other.birth_year:
        yield "other_birth_year", abs(one.birth_year - other.birth_year)


def packed(score: Score) -> str:
    """The evidence as one short text, as it is stored: `same_phone:85:2,other_email:-20:0`."""
    return ",".join(f"{one.code}:{one.tenths}:{one.count}" for one in score.evidence)


def unpacked(text: str) -> Score:
    """What `packed` wrote."""
    parts = (part.split(":") for part in text.split(",") if part)
    return ordered(Evidence(code, int(tenths), int(count)) for code, tenths, count in parts)


def rescored(score: Score, rules: Rules) -> Score:
    """The same evidence by other rules."""
    return ordered(Evidence(one.code, rules.tenths(one.code, one.count), one.count) for one in score.evidence)


def reasons_in_words(score: Score) -> str:
    """The reasons in words with what they are worth: "same phone +8.5, same rare name +5.2, different e-mails −2.0"."""
    return ", ".join(f"{word} {signed(tenths)}" for word, tenths in lines(score))


def lines(score: Score) -> tuple[tuple[str, int], ...]:
    """Each reason in words, and what it is worth in tenths of a point; the strongest first."""
    return tuple((_word(one), one.tenths) for one in score.evidence)


def signed(tenths: int) -> str:
    return f"{'−' if tenths < 0 else '+'}{abs(tenths) / 10:.1f}"


def _word(one: Evidence) -> str:
    if one.code == "same_name" and step(one.count) == 0:
        return "same rare name"
    word = WORDS[one.code]
    counted = COUNTED.get(one.code, "") if one.count > 2 else ""
    return counted.format(word=word, count=f"{one.count:,}") or word


_NAMES = "{word} ({count} names on it)"
COUNTED = {
    "same_phone": _NAMES,
    "attested_phone": _NAMES,
    "same_email": _NAMES,
    "same_mailbox": _NAMES,
    "firm_email": _NAMES,
    "same_name": "{word} ({count} have it)",
    "other_birth_year": "{word} ({count} years apart)",
}
WORDS = {
    "same_phone": "same phone",
    "near_phone": "phones one digit apart",
    "other_phone": "different phones",
    "attested_phone": "phone that the customer proved",
    "said_phone": "phone named in a message",
    "same_email": "same e-mail",
    "said_email": "e-mail named in a message",
    "same_mailbox": "same mailbox",
    "firm_email": "same mailbox of a firm",
    "near_email": "e-mails one letter apart",
    "colleagues": "different e-mails of one firm",
    "other_email": "different e-mails",
    "same_external_id": "same user id",
    "other_external_id": "different user ids",
    "same_account": "same account on a channel",
    "same_name": "same name",
    "similar_name": "nearly the same name",
    "middle_name": "a name with one word more",
    "nickname": "short form of the name",
    "initial": "initial of the name",
    "part_of_name": "part of the name",
    "near_name": "names one letter apart",
    "half_name": "same given name, different family name",
    "other_generation": "one is called the younger, one the older",
    "other_birth_year": "different years of birth",
    "relatives": "same family name, different given name",
    "other_name": "different names",
}
"""Code of an evidence → what people call it."""

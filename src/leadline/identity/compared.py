"""What is compared to tell whether two contacts are one person: their values, and how common each value is. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from leadline.identity import emails
from leadline.identity.resemblance import words
from leadline.model import Role, Struct


class Record(Struct, frozen=True, kw_only=True):
    """One contact as it is compared. email: as `emails.key` gives it. lines: phones as numbers, one form a line.

    external_id, accounts: keys of its id in the company's own system, and of its ids on channels. birth_year: 0 where
    it is not known.
    """

    contact_id: str
    role: Role = Role.LEAD
    name: str = ""
    email: str = ""
    lines: frozenset[int] = frozenset()
    external_id: int = 0
    accounts: frozenset[int] = frozenset()
    birth_year: int = 0
    updated_at: int = 0

    @property
    def addresses(self) -> frozenset[int | str]:
        """Its e-mail and its phones."""
        return self.lines | ({self.email} if self.email else frozenset())

    @property
    def name_key(self) -> str:
        """The words of the name in one order."""
        return " ".join(sorted(words(self.name)))

    @property
    def initials(self) -> str:
        """First letters of the first and the last word, in one order: other spellings of a name have the same ones."""
        found = words(self.name)
        return "".join(sorted((found[0][0], found[-1][0]))) if len(found) > 1 else ""


class Counts(Struct, frozen=True, kw_only=True):
    """How common values are in the workspace; what is not told counts as rare.

    lines, mailboxes: how many different `initials` stand with each. accounts, names: how many contacts have each, names
    by `name_key`.
    """

    lines: Mapping[int, int] = {}
    mailboxes: Mapping[str, int] = {}
    accounts: Mapping[int, int] = {}
    names: Mapping[str, int] = {}


def counts_of(records: Iterable[Record]) -> Counts:
    """How common the values of these contacts are among themselves."""
    lines, mailboxes = defaultdict[int, set[str]](set), defaultdict[str, set[str]](set)
    accounts, names = Counter[int](), Counter[str]()
    for one in records:
        initials = {one.initials} - {""}
        for line in one.lines:
            lines[line] |= initials
        if one.email:
            mailboxes[emails.mailbox(one.email)] |= initials
        accounts.update(one.accounts)
        names[one.name_key] += 1
    return Counts(
        lines={line: len(found) for line, found in lines.items()},
        mailboxes={mailbox: len(found) for mailbox, found in mailboxes.items()},
        accounts=accounts,
        names=names,
    )

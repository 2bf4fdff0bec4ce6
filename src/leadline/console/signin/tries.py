"""Who tries to sign in, and the pauses after tries that failed. `desk.py` and sign-in by a provider count here."""

from __future__ import annotations

from collections.abc import Callable

from leadline.console.signin.tokens import digest
from leadline.errors import LeadlineError
from leadline.model import Struct
from leadline.store.database import Database
from leadline.store.queries import queries

FREE = {"person": 5, "address": 20}  # tries that fail before the pauses begin
LONGEST_PAUSE = 900.0  # seconds; each further one doubles the pause up to this


class NotLetIn(LeadlineError):
    """Signing in failed; the text is for the person and tells nothing about who exists."""


class Visitor(Struct, frozen=True):
    """Who asks: their network address, what their browser calls itself, and the language they picked on the form."""

    address: str
    browser: str
    language: str = ""

    @property
    def subject(self) -> dict[str, bytes]:
        """Under which tries from this network are counted."""
        return {"address": digest(f"from {self.address}")}


class Tries:
    """Counted before anything is looked at, so that many at once do not go around the pause."""

    def __init__(self, database: Database, words: Callable[[int], str]) -> None:
        """words: what somebody reads who has to wait so many seconds."""
        self._database = database
        self._words = words

    async def count(self, subjects: dict[str, bytes]) -> None:
        """One more; raises NotLetIn while one of them has to wait."""
        for kind, subject in subjects.items():
            async with self._database.connection() as connection:
                values = {"free": FREE[kind], "longest": LONGEST_PAUSE}
                if await queries.try_sign_in(connection, subject=subject, **values) is None:
                    row = await queries.sign_in_pause(connection, subject=subject)
                    raise NotLetIn(self._words(row["seconds"] if row else 1))

    async def forget(self, subjects: dict[str, bytes]) -> None:
        """After one that did not fail."""
        async with self._database.connection() as connection:
            for subject in subjects.values():
                await queries.forget_tries(connection, subject=subject)

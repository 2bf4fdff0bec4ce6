"""Asking the directory: whose is this line, this e-mail, this id, this name; and whether it may say "nobody".

`people/whose.py` asks for senders, `people/contact_search.py` for what a person typed, `people/suggestions.py` for
people alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from leadline.directory import keys, stored
from leadline.directory.keys import Entry
from leadline.directory.stored import State
from leadline.identity import emails, phone_fields, resemblance
from leadline.model import Struct
from leadline.spaces import Book
from leadline.store.cancelled import cancelled_all_the_same
from leadline.store.database import Database

FRESH = 900.0
"""Seconds since the last catch-up, within which the directory may say that nobody has a phone."""


class Answer(Struct, frozen=True, kw_only=True):
    """What the directory says. sure: it is complete and fresh, so nobody else is to be asked.

    region: ISO country in which numbers without a country code are read; empty where it is not known.
    """

    entries: tuple[Entry, ...] = ()
    sure: bool = False
    region: str = ""


class Find:
    """Look-ups. Where the setting names no region, it is what the workspace's own numbers show. fresh: see FRESH."""

    def __init__(self, database: Database, book: Book, *, fresh: float = FRESH) -> None:
        self._database = database
        self._line = database.line()
        self._book = book
        self._inferred: dict[str, str] = {}
        self.fresh = fresh

    async def region(self, workspace_id: str) -> str:
        """The country of numbers that are written without a country code."""
        return self._book.of(workspace_id).default_region or (await self.state(workspace_id)).region

    def known_region(self, workspace_id: str) -> str:
        """The same as far as it is known without asking the database; empty where it is not."""
        return self._book.of(workspace_id).default_region or self._inferred.get(workspace_id, "")

    async def state(self, workspace_id: str) -> State:
        async with self._database.connection() as connection:
            return await stored.state(connection, workspace_id)

    async def sender(
        self, workspace_id: str, phones: Sequence[str], accounts: Mapping[str, str], *, whatsapp: bool
    ) -> Answer:
        """Who has one of these lines (in E.164) or one of these channel ids, by the attribute that holds them.

        One statement, which tells as well in which country numbers without a code are read: it is asked again where
        that has changed since the last time.
        """
        chosen, region = self._book.of(workspace_id).default_region, self.known_region(workspace_id)
        wanted = [key for phone in phones for key in keys.of_line(phone, region=region, whatsapp=whatsapp)]
        wanted += [keys.of_account(name, value) for name, value in accounts.items()]
        with cancelled_all_the_same():
            looked = await stored.look(await self._line.connection(), workspace_id, wanted)
        self._inferred[workspace_id] = looked.region
        if region != (chosen or looked.region):
            return await self.sender(workspace_id, phones, accounts, whatsapp=whatsapp)
        if not looked.begun:
            return Answer(region=chosen)
        late = looked.caught_up_ago is None or looked.caught_up_ago > self.fresh
        return Answer(entries=looked.entries, sure=looked.complete and not late, region=region)

    async def alike(
        self, workspace_id: str, name: str, wanted: Iterable[int] = (), contact_ids: Iterable[str] = ()
    ) -> Answer:
        """Entries that may be one person, in no order: with a name alike, one of these keys, or one of these ids.

        One statement. `sure` says here that the directory is complete, however fresh it is.
        """
        blocks = resemblance.blocks(name)
        surely = [words for words in blocks if not words[1].endswith("*")]
        names = [keys.sought(workspace_id, sets) for sets in (surely, [*{*blocks} - {*surely}])]
        async with self._database.connection() as connection:
            looked = await stored.alike(connection, workspace_id, wanted, contact_ids, (names[0], names[1]))
        self._inferred[workspace_id] = looked.region
        region = self._book.of(workspace_id).default_region or looked.region
        return Answer(entries=looked.entries, sure=looked.complete, region=region)

    async def beginning(self, workspace_id: str, text: str) -> tuple[Entry, ...]:
        """Entries with a word for each of these beginnings (`aoi byr`), the last updated first."""
        words = resemblance.words(text)
        found = await self._named(workspace_id, [tuple(f"{word}*" for word in words)] if words else [])
        return tuple(sorted(found, key=lambda one: (-one.updated_at, one.contact_id)))

    async def text(self, workspace_id: str, text: str) -> tuple[Entry, ...]:
        """What a person typed: a phone in any spelling, an e-mail, an external id, or (the beginnings of) a name."""
        region = await self.region(workspace_id)
        wanted = [key for phone in phone_fields.read(text, region=region) for key in keys.of_line(phone, region=region)]
        wanted += [keys.of_bare(digits) for digits in phone_fields.bare(text)]
        wanted += [key] if (key := keys.of_email(text)) else []
        wanted += [keys.of_external_id(text.strip())] if text.strip() else []
        exact = await self._having(workspace_id, wanted)
        email = emails.key(text)
        exact = tuple(sorted(exact, key=lambda one: bool(email) and one.email != email))
        named = not any(map(str.isdigit, text)) and "@" not in text
        return exact or (await self.beginning(workspace_id, text) if named else ())

    async def contact(self, workspace_id: str, contact_id: str) -> tuple[Entry | None, bool]:
        """One contact as it is filed, and whether the directory is complete and fresh, so that this is how it is."""
        async with self._database.connection() as connection:
            state = await stored.state(connection, workspace_id)
            found = await stored.listed(connection, workspace_id, [contact_id])
        return (found[0] if found else None), state.complete and state.fresh(self.fresh)

    async def entries(self, workspace_id: str, contact_ids: Iterable[str]) -> tuple[Entry, ...]:
        """Those of these contacts that are filed."""
        async with self._database.connection() as connection:
            return await stored.listed(connection, workspace_id, contact_ids)

    async def _having(self, workspace_id: str, wanted: Iterable[int]) -> tuple[Entry, ...]:
        sought = [*wanted]
        if not sought:
            return ()
        async with self._database.connection() as connection:
            return await stored.having(connection, workspace_id, sought)

    async def _named(self, workspace_id: str, sets: Sequence[tuple[str, ...]]) -> tuple[Entry, ...]:
        if not sets:
            return ()
        async with self._database.connection() as connection:
            return await stored.by_words(connection, workspace_id, keys.sought(workspace_id, sets))

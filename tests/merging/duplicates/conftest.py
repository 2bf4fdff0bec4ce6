"""A directory with some contacts in it, and what is needed to look for duplicates there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from leadline.directory import stored
from leadline.directory.find import Find
from leadline.directory.keys import Filing, entry
from leadline.identity.same_person_rules import LATEST, RULES
from leadline.intercom.contacts import Contact
from leadline.merging.duplicates.group_seen import GroupSeen
from leadline.merging.duplicates.review import Review
from leadline.merging.duplicates.scan import SMALL, Scan, Scanned
from leadline.merging.duplicates.survivors import order
from leadline.model import Role
from leadline.spaces import Book
from leadline.store.database import Database

WORKSPACE = "acme"
FAMILY = "+353868888888"
PEOPLE: Mapping[str, Mapping[str, Any]] = {
    "a1": {"role": "user", "external_id": "u1", "name": "Ana Silva", "phone": "+353 86 111 1111",
    "email": "ana@x.example"},
    "a2": {"role": "lead", "name": "Silva, Ana", "phone": "086 111 1111"},
    "a3": {"role": "lead", "name": "Ana Silva", "email": "Ana+shop@x.example"},
    "b1": {"role": "user", "external_id": "u2", "name": "Bea Kelly", "phone": FAMILY},
    "b2": {"role": "user", "external_id": "u3", "name": "Sean Kelly", "phone": FAMILY},
    "b3": {"role": "lead", "phone": FAMILY},
    "c1": {"role": "lead", "name": "Cian Doyle", "phone": "+353867777777"},
    "c2": {"role": "lead", "name": "Cian Doyle", "phone": "+353 86 777 7777", "email": "cian@y.example"},
    "d1": {"role": "user", "external_id": "u4", "name": "Dee Nolan", "email": "dee@gmail.com",
    "phone": "+353866666666"},
    "d2": {"role": "user", "external_id": "u5", "name": "Dee Nolan", "email": "d.ee@gmail.com",
    "phone": "+353866666666"},
    "e1": {"role": "user", "external_id": "u6", "name": "Eve Ryan", "email": "info@firm.example"},
    "e2": {"role": "user", "external_id": "u7", "name": "Finn Moore", "email": "info@firm.example"},
}  # fmt: skip


class Shelf:
    """A directory, its scan and its queue."""

    def __init__(self, database: Database, *, small: int = SMALL, memory: str = "") -> None:
        self.database = database
        find = Find(database, Book(database))
        self.review = Review(database, find, order(""))
        self._scan = Scan(database, find, small=small, memory=memory)

    async def learn(self, people: Mapping[str, Mapping[str, Any]]) -> None:
        entries = [
            entry(Contact(contact_id=key, updated_at=number, **{**fields, "role": Role(fields["role"])}), Filing())
            for number, (key, fields) in enumerate(people.items())
        ]
        async with self.database.connection() as connection:
            await stored.learn(connection, WORKSPACE, entries)
            await connection.execute(
                "insert into directory (workspace_id, region) values (%s, 'IE') on conflict do nothing", [WORKSPACE]
            )

    async def scan(self, least: int = 75) -> Scanned:
        found = await self._scan.run(WORKSPACE, RULES[LATEST], least=least)
        assert found is not None
        return found

    async def groups(self, **asked: Any) -> list[str]:
        """The ids of each group, the one that stays first."""
        listing = await self.review.groups(WORKSPACE, **asked)
        assert all(one.gain == len(one.steps) for one in listing.groups)
        return [" ".join(one.contact_id for one in group.members) for group in listing.groups]

    async def group(self, contact_id: str) -> GroupSeen:
        return await self.review.group(WORKSPACE, contact_id)


@pytest.fixture
async def shelf(store: Database) -> Shelf:
    shelf = Shelf(store)
    await shelf.learn(PEOPLE)
    return shelf

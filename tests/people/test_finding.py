"""People are found page by page, each once, whoever else fits; what is cut is said."""

from __future__ import annotations

import pytest
from psycopg.types.json import Json

from leadline.directory.find import Find
from leadline.directory.keys import filed, of_email, of_external_id
from leadline.people import finding
from leadline.people.finding import Finding
from leadline.spaces import Book
from leadline.store.database import Database

WS = "ws"
NAMES = ("Aoife Byrne", "Liam Murphy", "Aoife Nolan")


def contact_id(number: int) -> str:
    return f"{number:024x}"


@pytest.fixture
async def people(store: Database) -> Finding:
    """Thirty contacts of three names, updated one after the other; three at a time have one second in common."""
    rows = [
        {
            "contact_id": contact_id(number),
            "name": filed(NAMES[number % 3]),
            "email": f"person{number}@example.com",
            "updated_at": 1000 + number // 3,
            "keys": [353860000000 + number, of_email(f"person{number}@example.com"), of_external_id(f"cust-{number}")],
        }
        for number in range(30)
    ]
    async with store.connection() as connection:
        await connection.execute(
            "insert into directory_entry (workspace_id, contact_id, role, name, email, updated_at, keys)"
            " select %s, contact_id, 'user', name, email, updated_at, keys from json_to_recordset(%s)"
            " as one (contact_id text, name text, email text, updated_at bigint, keys bigint[])",
            [WS, Json(rows)],
        )
    return Finding(store, Find(store, Book(store)))


async def link(store: Database, handle: str, contact: str, *, workspace: str = WS) -> None:
    async with store.connection() as connection:
        await connection.execute(
            "insert into link (workspace_id, handle, contact_id, role, evidence, author)"
            " values (%s, %s, %s, 'lead', 'created', 'leadline')",
            [workspace, handle, contact],
        )


async def all_of(people: Finding, text: str, count: int) -> list[list[str]]:
    """The ids on every page."""
    after, pages = "", []
    while True:
        page = await people.page(WS, text, after=after, count=count)
        pages.append([one.contact_id for one in page.people])
        after = page.after
        if not after:
            return pages


@pytest.mark.parametrize(("text", "whole"), [("aoi", 20), ("Aoife Byr", 10), ("byrne AOIFE", 10), ("zoë", 0)])
@pytest.mark.parametrize("count", [3, 10, 50])
async def test_every_name_that_fits_is_listed_once(people: Finding, text: str, whole: int, count: int) -> None:
    pages = await all_of(people, text, count)
    listed = [one for page in pages for one in page]
    assert (len(listed), len(set(listed))) == (whole, whole)
    assert all(len(page) == count for page in pages[:-1])
    assert listed == sorted(listed, key=lambda one: (1000 + int(one, 16) // 3, one), reverse=True)


@pytest.mark.parametrize(
    "text",
    ["+353860000007", "00353 86 000 0007", "Person7@Example.com", "cust-7", contact_id(7), f"users/{contact_id(7)}/"],
)
async def test_a_person_is_found_by_every_key(people: Finding, text: str) -> None:
    [found] = (await people.page(WS, text)).people
    assert (found.contact_id, found.name, found.phones) == (contact_id(7), "Liam Murphy", ("+353860000007",))


async def test_addresses_and_ids_at_a_provider_are_found_and_of_many_the_rest_is_counted(
    people: Finding, store: Database
) -> None:
    for number in range(7):
        await link(store, f"telegram:9/4400{number}", "new-lead")
    await link(store, "telegram:9/44000", "elsewhere", workspace="other")
    for text in ("telegram:9/44003", "44003"):
        [found] = (await people.page(WS, text)).people
        assert (found.contact_id, len(found.addresses), found.more) == ("new-lead", finding.MOST_ADDRESSES, 2)
    assert (await people.page(WS, "4400")).people == ()


async def test_without_a_search_each_contact_stands_where_it_was_linked_last(people: Finding, store: Database) -> None:
    for place, number in enumerate((1, 2, 1, 3, 2)):
        await link(store, f"tel:+35386100000{place}", contact_id(number))
    assert await all_of(people, "", 1) == [[contact_id(2)], [contact_id(3)], [contact_id(1)]]


async def test_more_names_than_are_looked_at_are_told(people: Finding, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not (await people.page(WS, "aoife")).cut
    monkeypatch.setattr(finding, "LOOKED", 12)
    page = await people.page(WS, "aoife")
    assert (page.cut, len(page.people)) == (True, 13)


@pytest.mark.parametrize("after", ["e", "n1", "x1.2", "e99999999999999999999.a", "n-1.a", "7.7", "'"])
async def test_a_place_that_is_none_begins_at_the_first_page(people: Finding, after: str) -> None:
    first, made_up = await people.page(WS, "aoife", count=5), await people.page(WS, "aoife", after=after, count=5)
    assert made_up == first

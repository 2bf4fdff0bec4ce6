"""What nobody means to happen: thousands on one phone, names of ten thousand letters, strange ids, twice the same."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from leadline.merging.duplicates import batch as batch_work
from leadline.merging.duplicates.group_seen import DuplicatesRefused
from leadline.merging.duplicates.grouping import LARGEST
from leadline.merging.duplicates.reports import as_csv, as_html
from leadline.store.database import Database
from tests.acceptance.conftest import Open
from tests.acceptance.conftest import open_town as open_town
from tests.acceptance.town import until
from tests.merging.conftest import WORKSPACE as HOUSE
from tests.merging.conftest import Open as OpenHouse

from .conftest import WORKSPACE, Shelf
from .test_batch import batch_of, filled, gone, groups, owner_of, phone, twins

ONE = "+353861234567"
ODD_IDS = ("a\x00b", "\ud800", "x" * 100_000, "' or 1=1 --", "")


@pytest.mark.parametrize("person", [{}, {"name": "Ana Silva"}], ids=["no names", "one name"])
async def test_ten_thousand_contacts_on_one_phone_make_no_group(store: Database, person: dict[str, Any]) -> None:
    shelf = Shelf(store)
    await shelf.learn({f"{number:05}": {"role": "lead", "phone": ONE, **person} for number in range(10_000)})
    scanned = await shelf.scan()
    assert (scanned.contacts, scanned.compared, scanned.groups) == (10_000, 0, 0)


async def test_five_hundred_that_hang_together_are_shown_in_groups_that_people_can_read(store: Database) -> None:
    """Each shares a phone with the next."""
    shelf = Shelf(store)
    chain = {f"{number:03}": f"+35386{2_000_000 + number} / +35386{2_000_001 + number}" for number in range(0, 500)}
    await shelf.learn({key: {"role": "lead", "name": "Ana Silva", "phone": phones} for key, phones in chain.items()})
    await shelf.scan()
    found = (await shelf.review.groups(WORKSPACE, count=1_000)).groups
    assert found
    assert max(len(group.members) for group in found) <= LARGEST
    members = [one.contact_id for group in found for one in group.members]
    assert len(members) == len({*members})


@pytest.mark.parametrize(
    "name",
    [
        "Ana " * 2_500,
        "A" * 10_000,
        "李" * 10_000,
        "Ana\x00Silva",
        "\u202eavliS anA\u202c",
        "<script>x</script>",
        "=1+1",
    ],
    ids=["words", "one word", "no space", "nul", "from right to left", "markup", "a formula"],
)
async def test_a_name_that_nobody_has_is_scanned_listed_and_written_like_any(store: Database, name: str) -> None:
    shelf = Shelf(store)
    person = {"role": "lead", "name": name, "phone": ONE}
    await shelf.learn({"a": person, "b": {**person, "email": "a\x00b@x.example"}})
    await shelf.scan()
    [group] = (await shelf.review.groups(WORKSPACE)).groups
    written = as_html([group], "Duplicates") + as_csv([group])
    assert "\u202e" not in written
    assert "\x00" not in written
    assert "<script" not in written
    assert len(written) < 10_000


@pytest.mark.parametrize("contact_id", ODD_IDS, ids=["nul", "half a letter", "long", "a quote", "nothing"])
async def test_an_id_that_nobody_has_is_in_no_group(shelf: Shelf, contact_id: str) -> None:
    await shelf.scan()
    for ask in (
        shelf.review.group(WORKSPACE, contact_id),
        shelf.review.ignore(WORKSPACE, contact_id, author="Maya"),
        shelf.review.ignore(WORKSPACE, "a1", author="Maya", only=contact_id or "none"),
        shelf.review.ignore(WORKSPACE, "a1", author="Maya", other=contact_id or "none"),
    ):
        with pytest.raises(DuplicatesRefused):
            await ask


async def test_what_is_said_in_one_workspace_is_not_said_in_another(shelf: Shelf) -> None:
    await shelf.scan()
    with pytest.raises(DuplicatesRefused, match="in no group"):
        await shelf.review.ignore("somebody-else", "a1", author="Mallory")
    assert "a1" in " ".join(await shelf.groups())


async def test_a_contact_that_is_named_twice_is_merged_once(open_house: OpenHouse, database_url: str) -> None:
    async with open_house() as house:
        await filled(house, database_url, twins(2))
        seen = await groups(house)
        batch_id = await batch_of(house, [*seen, *seen])
        batch = await house.leadline.duplicates.batches.run(HOUSE, batch_id)
        assert (batch.state, batch.merges, batch.merged) == ("done", 2, 2)
        assert len(await house.rows("select 1 from merge")) == 2


async def test_no_batch_is_taken_back_while_another_one_runs(
    open_house: OpenHouse, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_work, "PATIENCE", 0.2)
    async with open_house() as house:
        await filled(house, database_url, twins(4))
        batches = house.leadline.duplicates.batches
        seen = await groups(house)
        first, second = await batch_of(house, seen[:2]), await batch_of(house, seen[2:])
        await batches.run(HOUSE, first)
        await house.fault(method="POST", path="/contacts/merge", delay=60.0)
        running = asyncio.create_task(batches.run(HOUSE, second))
        await until(house.held)
        with pytest.raises(DuplicatesRefused, match="another process"):
            await batches.undo(HOUSE, first, author="Tom")
        await house.ok("DELETE", "/_sandbox/faults")
        assert (await running).merged == 2
        assert (await batches.undo(HOUSE, first, author="Tom")).undone == 2
        assert all([await gone(house, group.steps[0].from_id) for group in seen[2:]])


async def test_messages_that_arrive_while_a_batch_merges_their_lead_land_once_on_the_one_that_stays(
    open_town: Open,
) -> None:
    async with open_town() as town:
        assert await town.sms_in(phone(1), "text 0", 0) == 200
        lead = str((await until(lambda: town.people_with(phone(1))))[0]["id"])
        user = await town.intercom("POST", "/contacts", {"role": "user", "external_id": "u", "phone": phone(1)})
        duplicates = town.leadline.duplicates
        await town.leadline.directory.walk(town.leadline.workspace)
        await duplicates.scan(HOUSE)
        rule = {"method": "POST", "path": "/contacts/merge", "when": "after", "delay": 60.0}
        await town.intercom("POST", "/_sandbox/faults", rule)
        merging = asyncio.create_task(duplicates.merge(HOUSE, lead, author="Maya"))

        async def held() -> bool:
            return bool((await town.intercom("GET", "/_sandbox/faults"))["held"])

        await until(held)
        for number in (1, 2, 3):
            assert await town.sms_in(phone(1), f"text {number}", number) == 200
        await town.intercom("DELETE", "/_sandbox/faults")
        assert (await merging).merged == 1
        assert await owner_of(town, "text 4", 4) == user["id"]

        async def landed() -> list[str]:
            texts = [text for thread in (await town.threads()).values() for text in thread if text.startswith("text ")]
            return sorted(texts) if len(texts) >= 5 else []

        assert await until(landed) == [f"text {number}" for number in range(5)]

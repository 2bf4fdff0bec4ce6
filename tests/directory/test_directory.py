"""The directory against the sandbox: filled, followed, caught up, compared; and what it then finds."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.directory import rounds, stored
from leadline.directory.keys import Entry, of_bare
from leadline.directory.region import sample
from leadline.directory.rounds import HOUR, walk_due
from leadline.directory.stored import State
from leadline.errors import Retry
from leadline.intercom import contacts, webhooks
from leadline.intercom.outcomes import Unavailable
from leadline.model import Role
from tests.acceptance.town import until
from tests.people.conftest import WORKSPACE, Desk, OpenDesk

LIAM_OLD, LIAM_NEW = "65a0000000000000000000b1", "65a0000000000000000000b2"


async def filled(desk: Desk) -> None:
    walked = await desk.leadline.directory.walk(desk.leadline.workspace)
    assert walked is not None
    assert walked.failed == 0


async def ids(desk: Desk, text: str) -> list[str]:
    return [one.contact_id for one in await desk.leadline.directory.find.text(WORKSPACE, text)]


async def state(desk: Desk) -> State:
    return await desk.leadline.directory.find.state(WORKSPACE)


async def people(desk: Desk, count: int) -> list[str]:
    """So many users, made one after the other."""
    return [
        await desk.contact({"role": "user", "external_id": f"crm-{number}", "name": f"Person {number:03}"})
        for number in range(count)
    ]


async def test_a_walk_fills_it_and_everybody_is_found_by_every_key(desk: Desk) -> None:
    jose = await desk.contact(
        {"role": "user", "external_id": "crm/7", "email": "Jose+shop@Example.com", "name": "José Álvarez"},
        phone="086 998 4003 / +353 1 555 0100",
    )
    await filled(desk)
    for text in (
        "+353 1 555 0100", "0869984003", "086 998 4003", "jose@example.com", "JOSE+SHOP@example.com", "crm/7",
        "alvarez jose", "jos al", "José Álvarez",
    ):  # fmt: skip
        assert await ids(desk, text) == [jose], text
    assert set(await ids(desk, "+44 7700 900123")) == {LIAM_OLD, LIAM_NEW, "65a0000000000000000000b3"}
    assert await ids(desk, "+353 1 555 0101") == []
    assert await ids(desk, "carla") == []
    assert (await state(desk)).complete


async def test_a_walk_that_broke_off_goes_on_at_its_page_and_never_runs_twice(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contacts, "LARGEST_PAGE", 2)
    await people(desk, 8)
    await desk.fault(method="GET", path="/contacts", status=503, skip=3)
    walk, workspace = desk.leadline.directory.walk, desk.leadline.workspace
    with pytest.raises(Retry):
        await walk(workspace)
    broken = await state(desk)
    assert (broken.complete, broken.walked) == (False, 6)
    await desk.calls()
    await desk.fault(method="GET", path="/contacts", delay=3, times=1)
    first = asyncio.create_task(walk(workspace))
    await until(desk.held)
    assert await walk(workspace) is None
    done = await first
    assert done
    assert done.met == 12
    assert (await desk.calls())["GET /contacts"] == 3, "pages 4 to 6, the first three are not read again"
    assert len(await desk.rows("select 1 from directory_entry")) == 12
    assert not await desk.rows("select 1 from directory_met")


async def test_a_list_that_leads_in_a_circle_is_not_taken_for_whole(desk: Desk) -> None:
    for after in ("x", "y", "x"):
        page = {"type": "list", "data": [], "total_count": 9, "pages": {"next": {"starting_after": after}}}
        await desk.fault(method="GET", path="/contacts", answer=json.dumps(page))
    with pytest.raises(Unavailable):
        await desk.leadline.directory.walk(desk.leadline.workspace)
    assert not (await state(desk)).complete


async def test_what_a_walk_does_not_meet_is_looked_at_and_forgotten(desk: Desk) -> None:
    gone, archived, here = await people(desk, 3)
    await filled(desk)
    await desk.ok("DELETE", f"/contacts/{gone}")
    await desk.ok("POST", f"/contacts/{archived}/archive")
    await desk.run("update directory_entry set updated_at = updated_at - 60")
    await filled(desk)
    assert await ids(desk, "person") == [here]
    await desk.ok("POST", f"/contacts/{archived}/unarchive")
    await desk.leadline.following.notified(WORKSPACE, "contact.unarchive", archived, None)
    assert set(await ids(desk, "person")) == {here, archived}


async def test_a_catch_up_reads_what_changed_and_no_more(desk: Desk) -> None:
    one, *_ = await people(desk, 3)
    await filled(desk)
    await desk.ok("PUT", f"/contacts/{one}", {"phone": "+34611936811"})
    new = await desk.contact({"role": "lead", "name": "Carla Costa"})
    await desk.calls()
    assert await desk.leadline.directory.catch_up.run(desk.leadline.workspace) == 2
    assert await desk.calls() == {"POST /contacts/search": 1}
    assert await ids(desk, "+34 611 936 811") == [one]
    assert await ids(desk, "carla") == [new]
    assert await desk.leadline.directory.catch_up.run(desk.leadline.workspace) == 0


async def test_a_catch_up_stops_at_what_it_knows_although_a_search_only_knows_days(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    monkeypatch.setattr(contacts, "LARGEST_PAGE", 2)
    await people(desk, 10)
    await filled(desk)
    await desk.run("update directory set caught_up_to = caught_up_to + 2000")
    await desk.calls()
    assert await desk.leadline.directory.catch_up.run(desk.leadline.workspace) == 0
    assert await desk.calls() == {"POST /contacts/search": 1}, "ten changed today, and all were known"


def notice(topic: str, item: dict[str, Any]) -> bytes:
    return msgspec.json.encode({"topic": topic, "app_id": WORKSPACE, "id": "n", "data": {"item": item}})


NEWS = (
    "contact.user.created", "contact.user.updated", "contact.lead.created", "contact.lead.updated",
    "contact.lead.added_email", "contact.lead.signed_up", "contact.email.updated",
)  # fmt: skip


async def test_a_webhook_about_a_contact_is_learnt_at_once(desk: Desk) -> None:
    secret = desk.leadline.settings.intercom_client_secret.encode()
    kept = 0
    for number, topic in enumerate(NEWS):
        email = f"ana{number}@example.com"
        contact = await desk.contact({"role": "user", "external_id": f"crm-{number}", "email": email})
        item = (await desk.ok("GET", f"/contacts/{contact}")) | {"updated_at": "2026-11-27T10:00:00.000+00:00"}
        body = notice(topic, item)
        signature = hmac.new(secret, body, hashlib.sha1).hexdigest()
        await desk.leadline.notifications.notified(body, {"x-hub-signature": f"sha1={signature}"}, "/intercom/webhook")
        assert await ids(desk, email) == [contact], topic
        kept += topic == "contact.lead.signed_up"
        rows = await desk.rows("select content from arrival")
        assert len(rows) == kept, f"{topic}: what is only news is not kept"
        assert email not in str(rows)


async def test_an_older_webhook_that_comes_late_changes_nothing(desk: Desk) -> None:
    contact = await desk.contact({"role": "user", "external_id": "crm-1", "email": "new@example.com"})
    raw = await desk.ok("GET", f"/contacts/{contact}")
    for at, email in ((raw["updated_at"], "new@example.com"), (raw["updated_at"] - 5, "old@example.com")):
        body = notice("contact.user.updated", raw | {"updated_at": at, "email": email})
        shown = webhooks.parse(body).contact
        assert shown is not None
        await desk.leadline.directory.heard(WORKSPACE, shown)
    assert await ids(desk, "old@example.com") == []
    assert await ids(desk, "new@example.com") == [contact]


async def test_one_workspace_never_sees_anothers_contacts(desk: Desk) -> None:
    await filled(desk)
    find = desk.leadline.directory.find
    for text in ("+353888888999", "aoife byrne", "aoife.byrne@example.com", "cust-1001"):
        assert len(await find.text(WORKSPACE, text)) == 1
        assert await find.text("sand", text) == ()
        assert await find.text("sandbox/", text) == ()


async def test_only_a_complete_and_fresh_directory_is_sure(desk: Desk) -> None:
    find = desk.leadline.directory.find

    async def sure() -> bool:
        return (await find.sender(WORKSPACE, ["+34611936811"], {}, whatsapp=False)).sure

    assert not await sure()
    await filled(desk)
    assert await sure()
    await desk.run("update directory set caught_up_at = now() - interval '20 minutes'")
    assert not await sure()
    await desk.leadline.directory.catch_up.run(desk.leadline.workspace)
    assert await sure()
    await desk.run("update directory set filled_at = null")
    assert not await sure()


async def test_the_worker_fills_it_by_itself(open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "LOOK", 0.05)
    async with open_desk() as desk:
        task = asyncio.create_task(desk.leadline.directory.keep_up())
        while not (await state(desk)).complete:  # noqa: ASYNC110 - another task fills it
            await asyncio.sleep(0.05)
        task.cancel()
        assert await ids(desk, "aoife") == ["65a0000000000000000000a1"]


def test_the_first_walk_is_due_at_once_and_later_ones_at_night() -> None:
    day = 86_400.0
    assert walk_due(State(now=1.0), 12)
    assert walk_due(State(now=9 * day, walked_at=9 * day - 60, walk_begun_at=9 * day - 30), 12), "it goes on"
    assert not walk_due(State(now=9 * day, walked_at=8 * day), 12)
    assert walk_due(State(now=9 * day, walked_at=8 * day), HOUR)
    assert not walk_due(State(now=9 * day, walked_at=9 * day - 3600), HOUR)
    assert walk_due(State(now=9 * day, walked_at=7 * day), 12), "a night was missed"


async def test_a_phone_written_nationally_shows_the_region_of_the_workspace(desk: Desk) -> None:
    for number in range(10):
        await desk.contact({"role": "lead"}, phone=f"+35386998410{number}")
    national = await desk.contact({"role": "lead"}, phone="086 998 4003")
    await filled(desk)
    assert (await state(desk)).region == "IE"
    heard = await desk.leadline.directory.find.sender(WORKSPACE, ["+353869984003"], {}, whatsapp=False)
    assert [one.contact_id for one in heard.entries] == [national]
    assert heard.region == "IE"


def test_a_region_is_only_inferred_where_nearly_all_numbers_fit() -> None:
    irish = [[353869984000 + number] for number in range(10)]
    assert sample([*irish, [of_bare("0869984003")]]).region == "IE"
    assert sample([*irish, [of_bare("0869984003")], [of_bare("0612345678")]]).region == "", "half of them do not fit"
    assert sample([[34611936811], *irish, [of_bare("0869984003")]]).region == "IE"
    assert sample([[of_bare("0869984003")]], ["+353869984100"]).region == "IE", "the channel's own number"
    assert sample([[of_bare("0869984003")]]).region == ""
    found = sample([*irish, [of_bare("0869984003")], [of_bare("123456")]], region="IE")
    assert (found.phones, found.bare, found.readable) == (12, 2, 1)


@given(st.lists(st.lists(st.integers(-(2**63), 2**63 - 1), max_size=3), max_size=5))
def test_any_keys_can_be_sampled(keys: list[list[int]]) -> None:
    assert sample(keys).readable <= sample(keys).bare


async def test_entries_of_one_batch_may_name_a_contact_twice(desk: Desk) -> None:
    twice = [Entry(contact_id="c", role=Role.LEAD, updated_at=at, name=name) for at, name in ((2, "new"), (1, "old"))]
    async with desk.database.connection() as connection:
        changes = await stored.learn(connection, WORKSPACE, twice)
    assert [change.contact_id for change in changes] == ["c"]
    assert await desk.rows("select name from directory_entry") == [{"name": "new"}]


async def test_the_number_of_a_channel_shows_the_region_where_no_contact_does(desk: Desk) -> None:
    await desk.ok("DELETE", "/contacts/65a0000000000000000000a1")
    for number in ("65a0000000000000000000b1", "65a0000000000000000000b2", "65a0000000000000000000b3"):
        await desk.ok("DELETE", f"/contacts/{number}")
    await desk.contact({"role": "lead"}, phone="086 998 4003")
    await desk.run("update channel set address = '+353 1 555 0100'")
    await filled(desk)
    assert (await state(desk)).region == "IE"


@pytest.mark.parametrize(
    ("name", "typed", "also"),
    [
        ("Αλέξανδρος Παπαδόπουλος", "papad alex", "Alexandros Papadopoulos"),
        ("محمد علي", "mhmd", "محمد علي"),
        ("王小明", "wang", "王小明"),
        ("Nguyễn Văn An", "nguyen an", "An Nguyen Van"),
        ("Siobhán O'Brien-Walsh", "obrien walsh", "Siobhan O’Brien Walsh"),
        ("Łukasz Żółkiewski", "zolk", "Lukasz Zolkiewski"),
        ("Jürgen Groß", "gross jur", "Juergen Gross"),
        ("Þóra Ægisdóttir", "thora", "Thora Aegisdottir"),
        ("Иван Щербаков", "shcherb", "Ivan Shcherbakov"),
        ("山田 太郎", "山田", "太郎 山田"),
        ("MARIA-JOSÉ  da  Silva", "jose maria", "Silva Maria Jose da"),
    ],
)
async def test_names_of_every_script_are_found_by_beginnings_and_alike(
    desk: Desk, name: str, typed: str, also: str
) -> None:
    one = await desk.contact({"role": "user", "external_id": "n", "name": name})
    await filled(desk)
    assert one in await ids(desk, typed)
    if len(also.split()) > 1:
        alike = (await desk.leadline.directory.find.alike(WORKSPACE, also)).entries
        assert one in [each.contact_id for each in alike]


async def test_the_very_name_is_found_among_hundreds_that_share_a_word_and_an_initial(desk: Desk) -> None:
    """More names are alike than one look-up returns: those that are surest have a place of their own."""
    for number in range(260):
        await desk.contact(
            {"role": "user", "external_id": f"c{number}", "name": f"Maria S{chr(97 + number % 26)}rova{number}"}
        )
    one = await desk.contact({"role": "user", "external_id": "n", "name": "Maria Silva"})
    await filled(desk)
    alike = (await desk.leadline.directory.find.alike(WORKSPACE, "Silva, María")).entries
    assert one in [each.contact_id for each in alike]

"""Links come from what Octopods left on contacts: dry run, conflicts, resumption, and the way back, in the sandbox."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from leadline.errors import SettingError
from leadline.people.imports import Import, ImportRefused
from leadline.people.imports.octopods import MARK
from leadline.people.imports.reading import Source
from leadline.sandbox.imports import import_contacts
from leadline.store.acting import acting
from leadline.store.database import Database
from tests.acceptance.town import until
from tests.people.conftest import WORKSPACE, Desk, OpenDesk
from tests.people.conftest import desk as desk
from tests.people.conftest import open_desk as open_desk
from tests.people.conftest import open_house as open_house

ID = "octopods_telegram_id"
PHONE = "+353861112223"


def bot(desk: Desk) -> str:
    """How handles name the Telegram bot of the desk."""
    connected = desk.channels["telegram"]
    return str(connected.adapter.scope(connected.settings))


async def attributes(desk: Desk, *names: str) -> None:
    """The contact attributes of a workspace that used Octopods."""
    for name in names:
        await desk.ok("POST", "/data_attributes", {"name": name, "model": "contact", "data_type": "string"})


async def octopods_contact(desk: Desk, mark: str, **fields: Any) -> str:
    """A lead that Octopods made; `telegram` is the id it left."""
    held = {MARK: mark} | ({ID: fields.pop("telegram")} if "telegram" in fields else {})
    return await desk.contact({"role": "lead", "custom_attributes": held}, **fields)


async def run(desk: Desk, *, applies: bool = True, mark: str = MARK, sources: tuple[Source, ...] = ()) -> Import:
    imports = desk.leadline.imports
    asked = await imports.sources.resolve(WORKSPACE, mark, sources)
    with acting("jan", "command line"):
        return await imports.run(WORKSPACE, asked, applies=applies, author="jan")


async def outcomes(desk: Desk) -> dict[str, str]:
    """What became of each address of the last import."""
    rows = await desk.rows(
        "select handle, outcome from import_claim where import_id = (select max(import_id) from import)"
    )
    return {row["handle"]: row["outcome"] for row in rows}


async def links(desk: Desk) -> dict[str, tuple[str, str]]:
    rows = await desk.rows("select handle, contact_id, evidence from link where superseded_at is null")
    return {row["handle"]: (row["contact_id"], row["evidence"]) for row in rows}


async def test_a_dry_run_changes_nothing_and_an_import_lets_known_customers_stay_who_they_are(desk: Desk) -> None:
    await attributes(desk, MARK, ID)
    ann = await octopods_contact(desk, "WhatsApp", phone="+353 86 111 2223", name="Ann")
    bea = await octopods_contact(desk, "Telegram", telegram="77", name="Bea")
    looked = await run(desk, applies=False)
    assert (looked.applies, looked.senders, looked.linked) == (False, 2, 0)
    assert await links(desk) == {}
    assert await desk.rows("select handle from handle") == []

    done = await run(desk)
    assert (done.senders, done.linked, done.state) == (2, 2, "done")
    telegram = f"telegram:{bot(desk)}/77"
    assert await links(desk) == {f"tel:{PHONE}": (ann, "imported_phone"), telegram: (bea, "imported")}
    assert await desk.write(f"tel:{PHONE}") == ann
    assert await desk.write(telegram, channel="telegram") == bea
    assert (await desk.told())[0][:2] == ["known_link", "imported_link"]
    acts = await desk.rows("select act, actor, detail ->> 'linked' as linked from audit where act like 'import.%%'")
    assert [(row["act"], row["actor"], row["linked"]) for row in acts] == [
        ("import.begun", "jan", None),
        ("import.done", "jan", "2"),
    ]
    again = await run(desk)
    assert (again.senders, again.linked) == (0, 0)
    assert await outcomes(desk) == {f"tel:{PHONE}": "already", telegram: "already"}


async def test_a_link_that_stands_stays_and_what_people_said_counts(desk: Desk) -> None:
    await attributes(desk, MARK, ID)
    first = await desk.write("tel:+353861110001")
    other = await octopods_contact(desk, "SMS", phone="+353861110001")
    denied = await octopods_contact(desk, "SMS", phone="+353861110002")
    assert await desk.write("tel:+353861110002") == denied
    await desk.leadline.corrections.detach(WORKSPACE, "tel:+353861110002", author="Ann")
    await octopods_contact(desk, "SMS", phone="+353861110003")
    await desk.leadline.corrections.share(WORKSPACE, "tel:+353861110003", author="Ann")
    await desk.leadline.book.set(WORKSPACE, "blocked_numbers", "+353861110004")
    await octopods_contact(desk, "SMS", phone="+353861110004")
    twins = [await octopods_contact(desk, "Telegram", telegram="78") for _ in range(2)]
    before = await links(desk)
    done = await run(desk)
    assert done.linked == 0
    assert await links(desk) == before
    assert before["tel:+353861110001"][0] == first != other
    assert await outcomes(desk) == {
        "tel:+353861110001": "elsewhere",
        "tel:+353861110002": "denied",
        "tel:+353861110003": "shared",
        "tel:+353861110004": "blocked",
        f"telegram:{bot(desk)}/78": "several",
    }
    rows = await desk.rows("select contact_id, other_id from import_claim where outcome = 'several'")
    assert {(row["contact_id"], row["other_id"]) for row in rows} == {(twins[0], twins[1]), (twins[1], twins[0])}


async def test_another_form_of_a_line_that_is_linked_elsewhere_is_a_conflict(desk: Desk) -> None:
    mexican = await desk.write("tel:+5215512345678", channel="whatsapp")
    await attributes(desk, MARK)
    await octopods_contact(desk, "WhatsApp", phone="+525512345678")
    assert (await run(desk)).linked == 0
    assert await desk.write("tel:+5215512345678", channel="whatsapp") == mexican
    assert await desk.write("tel:+525512345678", channel="whatsapp") == mexican


async def test_archived_and_merged_contacts_are_left_out_and_one_merged_meanwhile_is_followed(desk: Desk) -> None:
    await attributes(desk, MARK, ID)
    archived = await octopods_contact(desk, "Telegram", telegram="80")
    await desk.ok("POST", f"/contacts/{archived}/archive")
    lead = await octopods_contact(desk, "Telegram", telegram="81")
    into = await desk.contact({"role": "user", "external_id": "u1", "name": "User"})
    assert (await desk.merging.merge(WORKSPACE, lead, into, author="Ann")).state == "merged"
    done = await run(desk)
    assert f"telegram:{bot(desk)}/80" not in await outcomes(desk)
    assert lead not in {contact_id for contact_id, _ in (await links(desk)).values()}

    # One that was read, and merged before it was linked.
    await desk.rows(
        "insert into import_claim (workspace_id, import_id, handle, contact_id, attribute, role, channel, value)"
        " values ('sandbox', %s, 'telegram:1/82', %s, 'x', 'lead', 'x', '82') returning 1",
        done.import_id,
        lead,
    )
    await desk.rows("update import set state = 'settling' returning 1")
    assert (await run(desk)).import_id == done.import_id
    assert await desk.owner("telegram:1/82") == into


async def test_what_an_import_linked_is_taken_back_and_what_changed_since_stays(desk: Desk) -> None:
    await attributes(desk, MARK, ID)
    ids = [await octopods_contact(desk, "Telegram", telegram=str(number)) for number in range(100, 105)]
    handles = [f"telegram:{bot(desk)}/{number}" for number in range(100, 105)]
    done = await run(desk)
    assert done.linked == 5
    await desk.leadline.corrections.attach(WORKSPACE, handles[0], ids[1], author="Ann")
    assert await desk.write(handles[2], channel="telegram") == ids[2]
    with acting("jan", "command line"):
        undone = await desk.leadline.imports.undo(WORKSPACE, done.import_id)
    assert (undone.state, undone.linked) == ("undone", 0)
    assert await links(desk) == {handles[0]: (ids[1], "operator")}
    assert Counter((await outcomes(desk)).values()) == {"undone": 4, "changed": 1}
    assert await desk.write(handles[2], channel="telegram") not in ids, "decided anew: a lead, as the id proves nobody"
    with pytest.raises(ImportRefused, match="taken back already"):
        await desk.leadline.imports.undo(WORKSPACE, done.import_id)
    with pytest.raises(ImportRefused, match="no import number 9"):
        await desk.leadline.imports.undo(WORKSPACE, 9)
    assert [one.state for one in await desk.leadline.imports.record.listed(WORKSPACE, 5)] == ["undone"]
    assert (await run(desk)).linked == 3


async def test_a_person_found_again_after_an_undo_goes_on_in_the_same_conversation(desk: Desk) -> None:
    await attributes(desk, MARK)
    ann = await octopods_contact(desk, "WhatsApp", phone=PHONE)
    done = await run(desk)
    assert await desk.write(f"tel:{PHONE}", text="Hello") == ann
    await desk.leadline.imports.undo(WORKSPACE, done.import_id)
    assert await desk.write(f"tel:{PHONE}", text="Again") == ann
    assert (await desk.told())[0][0] == "unique_phone"
    assert await desk.threads(ann) == [["Hello", "Again"]]


async def test_a_phone_that_leaves_its_contact_takes_its_imported_link_along(desk: Desk) -> None:
    await attributes(desk, MARK)
    ann = await octopods_contact(desk, "WhatsApp", phone=PHONE)
    await run(desk)
    await desk.leadline.directory.walk(desk.leadline.workspace)
    await desk.ok("PUT", f"/contacts/{ann}", {"phone": ""})
    await desk.leadline.directory.walk(desk.leadline.workspace)
    [row] = await desk.rows("select doubt from link where superseded_at is null")
    assert row["doubt"] == "phone_left"


async def test_attributes_that_are_not_there_are_named_with_what_was_meant(desk: Desk) -> None:
    with pytest.raises(SettingError, match="no attribute 'octopods_channel'"):
        await run(desk)
    await attributes(desk, MARK, "octopods_telegram", "octopods_plan")
    with pytest.raises(SettingError, match="Did you mean octopods_telegram"):
        await run(desk, sources=(Source(attribute="octopods_telegramm"),))
    asked = await desk.leadline.imports.sources.resolve(WORKSPACE, MARK, ())
    channel_id = desk.channels["telegram"].channel_id
    assert asked.sources == (Source(attribute="octopods_telegram", channel_id=channel_id),)


async def test_two_imports_do_not_run_at_once(desk: Desk) -> None:
    await attributes(desk, MARK)
    async with desk.database.alone(f"import of {WORKSPACE}"):
        with pytest.raises(ImportRefused, match="another process"):
            await run(desk)


async def many(database_url: str, count: int, *, attribute: str = ID) -> None:
    """So many leads on Telegram, put into the sandbox at once."""
    async with Database.open(database_url) as sandbox:
        rows = [
            {"role": "lead", "external_id": f"o{n}", "custom_attributes": {MARK: "Telegram", attribute: str(n)}}
            for n in range(1, count + 1)
        ]
        await import_contacts(sandbox, rows)


async def test_three_thousand_contacts_are_linked_page_by_page_within_the_budget(
    open_desk: OpenDesk, database_url: str
) -> None:
    async with open_desk() as desk:
        await attributes(desk, MARK, ID)
        await many(database_url, 3_000)
        await desk.calls()
        said: list[str] = []
        imports = desk.leadline.imports
        asked = await imports.sources.resolve(WORKSPACE, MARK, ())
        done = await imports.run(WORKSPACE, asked, applies=True, author="jan", tell=said.append)
        assert (done.senders, done.linked) == (3_000, 3_000)
        assert (await desk.calls())["GET /contacts"] == -(-done.met // 150)
        assert len(await links(desk)) == 3_000
        assert said[-1] == "3,000 addresses compared with what is linked"


async def test_what_broke_off_goes_on_with_its_page_and_a_page_that_is_gone_begins_again(
    open_desk: OpenDesk, database_url: str
) -> None:
    async with open_desk() as desk:
        await attributes(desk, MARK, ID)
        await many(database_url, 600)
        imports = desk.leadline.imports
        asked = await imports.sources.resolve(WORKSPACE, MARK, ())

        def stop(words: str) -> None:
            raise asyncio.CancelledError

        with pytest.raises(asyncio.CancelledError):
            await imports.run(WORKSPACE, asked, applies=True, author="jan", tell=stop)
        state, cursor = await imports.record.place(WORKSPACE, 1)
        assert (state, bool(cursor)) == ("reading", True)
        await desk.calls()
        done = await imports.run(WORKSPACE, asked, applies=True, author="jan")
        assert (done.import_id, done.linked) == (1, 600)
        assert (await desk.calls())["GET /contacts"] == -(-done.met // 150) - 1

        await imports.undo(WORKSPACE, 1)
        with pytest.raises(asyncio.CancelledError):
            await imports.run(WORKSPACE, asked, applies=True, author="jan", tell=stop)
        await desk.rows("update import set cursor = 'gone' where import_id = 2 returning 1")
        done = await imports.run(WORKSPACE, asked, applies=True, author="jan")
        assert (done.import_id, done.linked) == (2, 600)


async def test_a_message_that_comes_while_an_import_runs_keeps_its_link(desk: Desk) -> None:
    await attributes(desk, MARK, ID)
    await octopods_contact(desk, "Telegram", telegram="90")
    handle = f"telegram:{bot(desk)}/90"
    async with desk.database.connection() as connection:
        # A message is being recorded: its link is written, and not committed yet.
        await connection.execute(
            "insert into link (workspace_id, handle, contact_id, role, evidence, author)"
            " values ('sandbox', %s, 'written', 'lead', 'created', 'leadline')",
            [handle],
        )
        running = asyncio.create_task(run(desk))
        await until(lambda: desk.rows("select 1 from pg_locks where not granted and locktype = 'transactionid'"))
    done = await running
    assert (done.linked, await outcomes(desk)) == (0, {handle: "elsewhere"})
    assert await desk.owner(handle) == "written"

"""The directory in trouble and under question: killed fills, what `doctor` says, why a contact was not found."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from leadline.cli import directory_health
from leadline.people.left_out import NotTold
from leadline.sandbox.imports import import_contacts
from leadline.store.database import Database
from tests.directory.test_directory import filled, state
from tests.nursery import command
from tests.people.conftest import WORKSPACE, Desk, OpenDesk


async def test_a_fill_killed_at_any_page_goes_on_there_in_another_process(desk: Desk, database_url: str) -> None:
    async with Database.open(database_url) as sandbox:
        made = ({"role": "user", "external_id": f"m-{number}", "name": f"Person {number}"} for number in range(900))
        await import_contacts(sandbox, made)
    for _ in range(2):
        begun = (await state(desk)).walked
        await desk.fault(method="GET", path="/contacts", skip=2, delay=600)
        with command(desk.leadline.settings, "directory", "fill") as process:
            while (await state(desk)).walked < begun + 150:  # noqa: ASYNC110 - another process is at it
                await asyncio.sleep(0.05)
            os.kill(process.pid, signal.SIGKILL)
        await desk.ok("DELETE", "/_sandbox/faults")
    broken = await state(desk)
    assert not broken.complete
    assert broken.walked >= 300
    assert len(await desk.rows("select 1 from directory_met")) == broken.walked
    await desk.calls()
    await filled(desk)
    read = (await desk.calls())["GET /contacts"]
    assert read == -(-(904 - broken.walked) // 150), "nothing is read twice"
    assert len(await desk.rows("select 1 from directory_entry")) == 904


async def test_doctor_tells_how_it_is_and_what_the_phones_show(desk: Desk) -> None:
    assert await directory_health.state(desk.database, WORKSPACE) == ("", "being filled: 0 of 0 contacts")
    assert await directory_health.phones(desk.database, WORKSPACE, region="") == "none in the directory yet"
    for number in range(9):
        await desk.contact({"role": "lead"}, phone=f"+35386998410{number}")
    for phone in ("086 998 4003", "086 998 4004", "123456"):
        await desk.contact({"role": "lead"}, phone=phone)
    await filled(desk)
    trouble, word = await directory_health.state(desk.database, WORKSPACE)
    assert (trouble, word[:24]) == ("", "16 contacts, up to date.")
    assert "contact.user.updated" in word, "no webhook has come: the topics are named"
    word = await directory_health.phones(desk.database, WORKSPACE, region="")
    assert word.endswith("no country fits nearly all of them: name it with `leadline settings set default_region`")
    word = await directory_health.phones(desk.database, WORKSPACE, region="IE")
    assert word == "19% of your phones have no country code; all but 1 read as IE"
    await desk.run(
        "delete from directory_entry where cardinality(keys) = 1 and keys[1] = -((1123456::bigint << 3) | 4)"
    )
    word = await directory_health.phones(desk.database, WORKSPACE, region="")
    assert word.endswith("all of those read as IE. To make it certain: leadline settings set default_region IE")


async def test_explain_tells_why_a_message_did_not_go_to_a_contact(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        contact = await desk.contact({"role": "user", "external_id": "crm-7", "phone": "086 998 4003"})
        await desk.write("tel:+353869984003")
        [row] = await desk.rows("select max(arrival_id) as id from arrival")
        told = await desk.leadline.left_out.why(WORKSPACE, row["id"], contact)
        assert told[0] == "086 998 4003 is a user in Intercom."
        assert told[1].endswith("and no country is known: set default_region.")
        assert told[-1] == "None of its numbers is the sender's, so it was not found."
        with pytest.raises(NotTold, match="no contact"):
            await desk.leadline.left_out.why(WORKSPACE, row["id"], "65a00000000000000000ffff")
        with pytest.raises(NotTold, match="Message 999999 has no decision"):
            await desk.leadline.left_out.why(WORKSPACE, 999_999, contact)

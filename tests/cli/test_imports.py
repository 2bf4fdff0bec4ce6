"""`leadline import` as a person and a script use it, killed in the middle and stopped by Ctrl+C."""

from __future__ import annotations

import asyncio
import csv
import json
import os
import signal
from pathlib import Path

from leadline.people.imports.octopods import MARK
from tests.acceptance.town import until
from tests.cli.test_cli import run
from tests.nursery import Command, command
from tests.people.conftest import Desk, OpenDesk
from tests.people.conftest import desk as desk
from tests.people.conftest import open_desk as open_desk
from tests.people.conftest import open_house as open_house
from tests.people.imports.test_imports import ID, attributes, bot, links, many, octopods_contact


async def test_octopods_is_looked_at_linked_listed_and_taken_back(desk: Desk, tmp_path: Path) -> None:
    settings = desk.leadline.settings
    await attributes(desk, MARK, "tg")
    ann = await octopods_contact(desk, "WhatsApp", phone="+353861112223", name="Ann")
    held = [{MARK: "Telegram", "tg": number} for number in ("77", "78", "78", "@bea")]
    ids = [await desk.contact({"role": "lead", "custom_attributes": each}) for each in held]

    code, said = await run(settings, "import", "octopods", "--attribute", "tgg=telegram")
    assert (code, "Did you mean tg?" in said) == (1, True), said
    code, said = await run(settings, "import", "octopods", "--attribute", "tg=telegramm")
    assert (code, "Did you mean telegram?" in said) == (1, True), said

    file = tmp_path / "found.csv"
    code, said = await run(settings, "import", "octopods", "--attribute", "tg=telegram", "--csv", str(file))
    assert code == 0, said
    assert "Would be linked" in said
    assert "1 address left: each stands on several contacts." in said
    assert f"Telegram 78 of contact {min(ids[1:3])} stands on several contacts ({max(ids[1:3])})" in said
    assert f"'@bea' in tg of contact {ids[3]} is no address" in said
    assert "Nothing was changed." in said
    assert await links(desk) == {}
    with file.open(newline="") as opened:
        rows = [*csv.DictReader(opened)]
    assert {(row["contact"], row["what became of it"]) for row in rows} >= {(ann, "would be linked")}
    assert "'@bea" in {row["value"] for row in rows}, "no cell is a formula"

    code, said = await run(settings, "import", "octopods", "--attribute", "tg=telegram", "--apply", "--json")
    told = json.loads(said)
    assert code == 0, said
    assert {(one["channel"], one["linked"], one["left"]) for one in told["channels"]} == {
        ("WhatsApp", 1, 0),
        ("telegram", 1, 2),
    }
    assert told["left"]["several"]["count"] == 1
    number = str(told["import"]["import_id"])
    assert {*await links(desk)} == {"tel:+353861112223", f"telegram:{bot(desk)}/77"}
    code, said = await run(settings, "link", "list")
    assert "phone number that Octopods used" in said
    code, said = await run(settings, "import", "list")
    assert (code, "done" in said) == (0, True), said
    assert (await run(settings, "import", "undo", number, stdin="n\n"))[0] == 1, "a no is a no"
    code, said = await run(settings, "import", "undo", number, "--yes")
    assert (code, f"Import {number} is taken back." in said) == (0, True), said
    assert await links(desk) == {}
    code, said = await run(settings, "import", "undo", "77", "--yes")
    assert (code, "There is no import number 77" in said) == (1, True), said


async def test_a_long_list_says_how_many_more_there_are(open_desk: OpenDesk, database_url: str) -> None:
    async with open_desk() as desk:
        await attributes(desk, MARK, "other")
        await many(database_url, 30, attribute="other")
        code, said = await run(desk.leadline.settings, "import", "octopods", "--count", "4")
        assert code == 0, said
        assert "30 addresses left: each has the mark of a channel" in said
        assert "and 26 more." in said


async def stopped_on_the_second_page(desk: Desk, how: signal.Signals) -> str:
    """The command has read the second page and cannot store it, since somebody holds a row of it; then it is stopped.

    Returns what it said.
    """
    first = await desk.ok("GET", "/contacts?per_page=150")
    after = first["pages"]["next"]["starting_after"]
    held = (await desk.ok("GET", f"/contacts?per_page=150&starting_after={after}"))["data"][0]
    number = held["custom_attributes"][ID]
    async with desk.database.connection() as connection:
        await connection.execute(
            "insert into import_claim (workspace_id, import_id, handle, contact_id, attribute, role, channel, value)"
            " values ('sandbox', 1, %s, %s, %s, 'lead', 'x', 'x')",
            [f"telegram:{bot(desk)}/{number}", held["id"], ID],
        )
        with command(desk.leadline.settings, "import", "octopods", "--apply") as process:
            await waiting_for_the_row(desk, process)
            os.kill(process.pid, how)
            assert await asyncio.to_thread(process.ended, 60) is not None
            said = process.said()
        await connection.rollback()
    return said


async def waiting_for_the_row(desk: Desk, process: Command) -> None:
    async def waits() -> bool:
        assert process.ended() is None, process.said()
        return bool(await desk.rows("select 1 from pg_locks where not granted and locktype = 'transactionid'"))

    await until(waits)


async def test_killed_in_the_middle_it_goes_on_where_it_was(open_desk: OpenDesk, database_url: str) -> None:
    async with open_desk() as desk:
        settings = desk.leadline.settings
        await attributes(desk, MARK, ID)
        await many(database_url, 400)
        await stopped_on_the_second_page(desk, signal.SIGKILL)
        assert await links(desk) == {}
        code, said = await run(settings, "import", "list")
        assert "reading contacts, broken off" in said
        code, said = await run(settings, "import", "octopods", "--apply", "--json")
        assert code == 0, said
        assert (json.loads(said)["import"]["import_id"], len(await links(desk))) == (1, 400)


async def test_ctrl_c_loses_nothing_and_says_so(open_desk: OpenDesk, database_url: str) -> None:
    async with open_desk() as desk:
        settings = desk.leadline.settings
        await attributes(desk, MARK, ID)
        await many(database_url, 400)
        said = await stopped_on_the_second_page(desk, signal.SIGINT)
        assert "The same command goes on where it stopped." in said
        code, said = await run(settings, "import", "octopods", "--apply", "--json")
        assert (code, json.loads(said)["import"]["import_id"]) == (0, 1), said
        assert len(await links(desk)) == 400


async def test_while_intercom_is_away_it_stops_and_leaves_no_file(open_desk: OpenDesk, tmp_path: Path) -> None:
    async with open_desk() as desk:
        settings, file = desk.leadline.settings, tmp_path / "found.csv"
        await attributes(desk, MARK, ID)
        await octopods_contact(desk, "Telegram", telegram="77")
        await desk.fault(method="GET", path="/contacts", status=503, times=50)
        code, said = await run(settings, "import", "octopods", "--apply", "--csv", str(file))
        assert (code, "The same command goes on where it stopped." in said) == (1, True), said
        assert not file.exists()
        await desk.ok("DELETE", "/_sandbox/faults")
        code, said = await run(settings, "import", "octopods", "--apply", "--csv", str(file))
        assert (code, "linked" in file.read_text("utf-8")) == (0, True), said
        code, said = await run(settings, "import", "octopods", "--csv", str(file))
        assert (code, "Name a new file" in said) == (1, True), said

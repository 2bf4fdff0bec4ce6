"""A backup is read back, opens for nobody else, and a machine that is restored from it loses and doubles nothing."""

from __future__ import annotations

import asyncio
import json
import stat
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psycopg
import pytest
from msgspec.structs import replace
from psycopg import sql
from psycopg.conninfo import make_conninfo

from leadline.sandbox.providers import TwilioFake, create
from leadline.serving import serving
from leadline.store.database import Database
from tests.acceptance.test_crashes import process, town_without_leadline
from tests.acceptance.town import Town, provider_accounts, until
from tests.cli.test_cli import Office, run
from tests.cli.test_cli import office as office

KNOWN, NEW = "+353888888999", "+353861234567"


@pytest.fixture
def empty_url(server_url: str) -> Iterator[str]:
    """The address of an empty database."""
    name = f"empty_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        yield make_conninfo(server_url, dbname=name)
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


async def texts(town: Town) -> Counter[str]:
    """Everything that stands in Intercom's conversations, and how often."""
    return Counter(text for thread in (await town.threads()).values() for text in thread)


async def have_arrived(town: Town, *wanted: str) -> None:
    async def there() -> bool:
        return set(wanted) <= set(await texts(town))

    await until(there)


async def phone_has(town: Town, number: str, *wanted: str) -> None:
    async def there() -> bool:
        return [each.text for each in town.providers.phones.received(number)] == list(wanted)

    await until(there)


@pytest.mark.long
async def test_a_restored_machine_fetches_what_came_since_the_backup_and_doubles_nothing(
    store: Database, database_url: str, empty_url: str, tmp_path: Path
) -> None:
    async with (
        town_without_leadline(store, database_url) as town,
        serving(create(town.providers), town.places.sockets["providers"]),
    ):
        sms = town.providers.of(TwilioFake)
        async with process(town, town.settings):
            await sms.write(KNOWN, "Before the backup")
            await have_arrived(town, "Before the backup")
            code, said = await run(town.settings, "backup", "--to", str(tmp_path), "--json")
            assert code == 0, said
            backup = json.loads(said)["file"]
            await sms.write(KNOWN, "After the backup")
            await sms.write(NEW, "A first message after the backup")
            await have_arrived(town, "After the backup", "A first message after the backup")
            await answer(town, "After the backup", "A reply after the backup")
            await phone_has(town, KNOWN, "A reply after the backup")
        for number, text in ((KNOWN, "While nothing ran"), (NEW, "Also while nothing ran")):
            assert (await sms.write(number, text)).status == 0, "nobody answers"
        restored = replace(town.settings, database_url=empty_url)
        code, said = await run(restored, "restore", backup)
        assert (code, "open with this LEADLINE_SECRET_KEY" in said) == (0, True), said
        async with process(town, restored):
            await have_arrived(town, "While nothing ran", "Also while nothing ran")
            code, said = await run(restored, "reconcile", "--since", "1h", "--dry-run", "--json")
            assert [row["text"] for row in json.loads(said)] == ["A reply after the backup"], "a person decides"
            assert (await run(restored, "parked", "list", "--json"))[1].strip() == "[]"
        found = await texts(town)
        assert {text: found[text] for text in found if "backup" in text or "nothing ran" in text} == dict.fromkeys(
            (
                "Before the backup",
                "After the backup",
                "A first message after the backup",
                "A reply after the backup",
                "While nothing ran",
                "Also while nothing ran",
            ),
            1,
        )
        assert len(await town.people_with(NEW)) == 1
        assert [each.text for each in town.providers.phones.received(KNOWN)] == ["A reply after the backup"]


async def answer(town: Town, wanted: str, text: str) -> None:
    """A teammate replies in the conversation that holds a text."""
    [conversation_id] = [number for number, thread in (await town.threads()).items() if wanted in thread]
    await town.teammate("reply", conversation_id, text)


async def test_a_reply_that_waited_at_the_backup_is_shown_and_not_sent_by_itself(
    store: Database, database_url: str, empty_url: str, tmp_path: Path
) -> None:
    async with (
        town_without_leadline(store, database_url) as town,
        serving(create(town.providers), town.places.sockets["providers"]),
    ):
        async with process(town, town.settings):
            await town.sms_in(KNOWN, "A question", 1)
            await have_arrived(town, "A question")
        async with process(town, town.settings, "--no-with-worker"):
            await answer(town, "A question", "It waits for a worker")
            await until(lambda: _kept_reply(store))
            code, said = await run(town.settings, "backup", "--to", str(tmp_path / "one.dump"))
            assert code == 0, said
        restored = replace(town.settings, database_url=empty_url)
        code, said = await run(restored, "restore", str(tmp_path / "one.dump"))
        assert (code, "1 reply may have been sent since the backup" in said) == (0, True), said
        [row] = json.loads((await run(restored, "parked", "list", "--json"))[1])
        assert (row["reason"], row["text"]) == ("restored", "It waits for a worker")
        async with process(town, restored):
            await asyncio.sleep(1)
            assert town.providers.phones.received(KNOWN) == []
            await run(restored, "parked", "retry", str(row["arrival_id"]))
            await phone_has(town, KNOWN, "It waits for a worker")


async def _kept_reply(store: Database) -> bool:
    async with store.connection() as connection:
        found = await connection.execute("select from arrival where kind = 'notification' and state = 'waiting'")
        return found.rowcount == 1


async def test_a_sealed_backup_opens_with_its_passphrase_only(office: Office, empty_url: str, tmp_path: Path) -> None:
    settings = office[0]
    (tmp_path / "words").write_text("correct horse battery\n")
    (tmp_path / "other").write_text("wrong horse battery\n")
    await add_a_channel(office)
    given = ["--passphrase", f"@{tmp_path / 'words'}"]
    code, said = await run(settings, "backup", "--to", str(tmp_path / "sealed.dump"), *given)
    assert (code, "sealed" in said) == (0, True), said
    assert stat.S_IMODE((tmp_path / "sealed.dump").stat().st_mode) == 0o600
    assert b"PGDMP" not in (tmp_path / "sealed.dump").read_bytes()
    target = replace(settings, database_url=empty_url)
    for arguments, told in (
        ([], "This backup is sealed"),
        (["--passphrase", f"@{tmp_path / 'other'}"], "does not open with this passphrase"),
        (["--passphrase", "correct horse battery"], "Others can read a command line"),
    ):
        code, said = await run(target, "restore", str(tmp_path / "sealed.dump"), *arguments)
        assert (code, told in said) == (1, True), said
    code, said = await run(target, "restore", str(tmp_path / "sealed.dump"), *given, "--json")
    assert (code, json.loads(said)["channels"]) == (0, 1)
    assert [row["name"] for row in json.loads((await run(target, "channel", "list", "--json"))[1])] == ["Shop"]


async def test_a_restore_with_another_key_says_so(office: Office, empty_url: str, tmp_path: Path) -> None:
    settings = office[0]
    await add_a_channel(office)
    await run(settings, "backup", "--to", str(tmp_path / "one.dump"))
    stranger = replace(settings, database_url=empty_url, secret_key="5e1f0c9ab7d34286915d0e7b6c8fa243")
    code, said = await run(stranger, "restore", str(tmp_path / "one.dump"))
    assert (code, "LEADLINE_SECRET_KEY is not the one this was encrypted with" in said) == (1, True), said


async def test_nothing_is_overwritten(office: Office, tmp_path: Path) -> None:
    settings = office[0]
    await add_a_channel(office)
    file = tmp_path / "one.dump"
    assert (await run(settings, "backup", "--to", str(file)))[0] == 0
    before = file.read_bytes()
    code, said = await run(settings, "backup", "--to", str(file))
    assert (code, "is there already" in said, file.read_bytes() == before) == (1, True, True)
    code, said = await run(settings, "restore", str(file))
    assert (code, "nothing of it was changed" in said) == (1, True), said
    assert [each.name for each in tmp_path.iterdir()] == ["one.dump"]


async def test_a_damaged_backup_restores_nothing(office: Office, empty_url: str, tmp_path: Path) -> None:
    settings = office[0]
    await add_a_channel(office)
    await run(settings, "backup", "--to", str(tmp_path / "one.dump"))
    whole = (tmp_path / "one.dump").read_bytes()
    (tmp_path / "half.dump").write_bytes(whole[: len(whole) * 2 // 3])
    target = replace(settings, database_url=empty_url)
    code, said = await run(target, "restore", str(tmp_path / "half.dump"))
    assert (code, "pg_restore failed" in said) == (1, True), said
    with psycopg.connect(empty_url) as connection:
        assert connection.execute("select count(*) from pg_tables where schemaname = 'public'").fetchone() == (0,)


async def test_only_the_newest_backups_of_a_folder_stay(office: Office, tmp_path: Path) -> None:
    settings = office[0]
    await add_a_channel(office)
    old = [tmp_path / f"leadline-2026010{day}T000000Z.dump" for day in (1, 2, 3)]
    for each in (*old, tmp_path / "something else"):
        each.write_text("")
    code, said = await run(settings, "backup", "--to", str(tmp_path), "--keep", "2", "--json")
    assert (code, sorted(json.loads(said)["removed"])) == (0, [str(old[0]), str(old[1])])
    assert {each.name for each in tmp_path.iterdir()} >= {old[2].name, "something else"}
    assert len(list(tmp_path.iterdir())) == 3


async def test_a_folder_that_is_not_there_is_made_for_its_owner_alone(office: Office, tmp_path: Path) -> None:
    settings = office[0]
    await add_a_channel(office)
    code, said = await run(settings, "backup", "--to", str(tmp_path / "kept/backups"), "--json")
    assert (code, Path(json.loads(said)["file"]).parent) == (0, tmp_path / "kept/backups")
    assert stat.S_IMODE((tmp_path / "kept/backups").stat().st_mode) == 0o700
    (tmp_path / "taken").write_text("")
    code, said = await run(settings, "backup", "--to", str(tmp_path / "taken"))
    assert (code, "cannot be made a folder" in said) == (1, True), said


async def add_a_channel(office: Office) -> None:
    settings, places, _ = office
    values = msgspec.to_builtins(provider_accounts(places)["twilio_sms"])
    flags = [part for name, value in values.items() if value for part in ("--set", f"{name}={value}")]
    code, said = await run(settings, "channel", "add", "twilio_sms", "--name", "Shop", *flags)
    assert code == 0, said

"""A database of a released version is brought to this one with all that is in it, whole or not at all.

`released/0.1.0.dump` was written by that version: three messages that arrived, a reply that could not go out, and a
webhook that nobody can read.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import time
import urllib.error
import uuid
from collections.abc import AsyncIterator
from importlib.resources import files
from pathlib import Path

import psycopg
import pytest
from msgspec.structs import replace
from psycopg import sql

from leadline.errors import SettingError
from leadline.settings import Settings
from leadline.store.database import Database, ensure_database
from leadline.store.dumps import restore
from leadline.store.migrating import migrate
from leadline.store.opened import migrate_all, open_database, plan
from tests.cli.test_cli import run
from tests.deploy.installed import free_port, signed_webhook
from tests.nursery import Command, command

RELEASED = Path(__file__).parent / "released"
KEY = "6c1f0e9d8b7a4352a1b0c9d8e7f60514"  # the one that the dumps' credentials are sealed with
COUNTS = """
    select (select count(*) from arrival) as arrivals, (select count(*) from raw) as raws,
        (select count(*) from link) as links, (select count(*) from decision) as decisions,
        (select count(*) from conversation) as conversations, (select count(*) from step) as steps,
        (select count(*) from outbound) as outbound, (select count(*) from channel) as channels
"""


@pytest.fixture(params=sorted(RELEASED.glob("*.dump")), ids=lambda path: path.stem)
async def released(request: pytest.FixtureRequest, server_url: str) -> AsyncIterator[str]:
    """The address of a database as a released version left it."""
    name = f"released_{uuid.uuid4().hex[:12]}"
    url = await ensure_database(server_url, name)
    await asyncio.to_thread(restore, url, iter([request.param.read_bytes()]))
    yield url
    async with await psycopg.AsyncConnection.connect(server_url, autocommit=True) as connection:
        await connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


async def one(url: str, query: str) -> tuple[object, ...]:
    async with await psycopg.AsyncConnection.connect(url) as connection:
        found = await (await connection.execute(query.encode())).fetchone()
    assert found is not None
    return found


async def test_everything_is_there_after_the_upgrade(released: str) -> None:
    before = await one(released, COUNTS)
    settings = Settings(database_url=released, secret_key=KEY, public_url="http://127.0.0.1:9")
    code, said = await run(settings, "migrate", "--plan", "--json")
    assert code == 0, said
    planned = [row["name"] for row in json.loads(said)]
    assert planned[0] == "0010_lanes"
    assert await one(released, COUNTS) == before
    code, said = await run(settings, "migrate")
    assert (code, f"{len(planned)} steps made." in said) == (0, True), said
    assert (await run(settings, "migrate", "--plan"))[1].startswith("The database is up to date")
    assert await one(released, COUNTS) == before
    channels = json.loads((await run(settings, "channel", "list", "--json"))[1])
    assert [(row["name"], row["address"]) for row in channels] == [("WhatsApp", "+14155550199")]
    code, said = await run(settings, "explain", "wamid.1", "--json")
    assert json.loads(said)["decision"]["code"] == "new_lead"
    stuck = json.loads((await run(settings, "parked", "list", "--json"))[1])
    assert sorted((row["state"], row["reason"]) for row in stuck) == [
        ("parked", "unreadable"),
        ("waiting", "provider_unreachable"),
    ]


async def test_a_step_that_fails_leaves_the_former_version_its_database(released: str, tmp_path: Path) -> None:
    for file in (files("leadline.store") / "migrations").iterdir():
        if file.name.endswith(".sql"):
            shutil.copy(str(file), tmp_path)
    (tmp_path / "9999_broken.sql").write_text("update arrival set no_such_column = 1")
    before = await schema(released)
    async with Database.open(released) as database:
        with pytest.raises(SettingError, match=r"9999_broken\.sql, and is as it was"):
            await migrate(database, tmp_path)
        assert await schema(released) == before
        await migrate_all(database)
        assert await plan(database) == []


async def schema(url: str) -> tuple[object, ...]:
    """Every column, index, function and migration there is."""
    return await one(
        url,
        """select (select string_agg(table_name || column_name || data_type, ' ' order by table_name, column_name)
            from information_schema.columns where table_schema = 'public'),
        (select string_agg(indexdef, ' ' order by indexdef) from pg_indexes where schemaname = 'public'),
        (select count(*) from pg_proc), (select string_agg(name, ' ' order by name) from migration)""",
    )


async def test_a_database_of_a_newer_version_is_refused_and_not_touched(store: Database) -> None:
    async with store.connection() as connection:
        await connection.execute("insert into migration (name) values ('9000_from_the_future.sql')")
    try:
        settings = Settings(database_url=store.url, secret_key=KEY)
        with pytest.raises(SettingError, match=r"made by a newer Leadline: it has 9000_from_the_future\.sql"):
            async with open_database(settings):
                pass
        whole = replace(settings, public_url="http://127.0.0.1:9", intercom_token="x", intercom_client_secret="x")
        for command in ("serve", "worker"):
            code, said = await run(replace(whole, port=0), command)
            assert (code, "Install the newer version again" in said) == (1, True), said
    finally:
        async with store.connection() as connection:
            await connection.execute("delete from migration where name = '9000_from_the_future.sql'")


ROWS = 1_000_000
# As many rows as a table of that age may have; what they say does not matter to a migration.
GROW = """
    insert into arrival (workspace_id, raw_id, channel_id, source, dedupe, kind, lane, content, state, settled_at)
    select workspace_id, gen_random_uuid(), channel_id, source, 'grown:' || n, 'message',
        'tel:+35386' || mod(n, 20000), content, 'done', now()
    from (select * from arrival where kind = 'message' limit 1) one, generate_series(1, %(rows)s) n
"""
ADDRESS = "/in/e08ab1e76ea455a5f10e979a0c8e2085"  # of the dump's channel


@pytest.mark.long
async def test_messages_that_come_during_the_upgrade_of_a_large_database_are_kept(released: str) -> None:
    async with await psycopg.AsyncConnection.connect(released, autocommit=True) as connection:
        await connection.execute(GROW.encode(), {"rows": ROWS})
    before = await one(released, "select count(*) from arrival where kind = 'message'")
    url = f"http://127.0.0.1:{free_port()}"
    settings = Settings(
        database_url=released,
        secret_key=KEY,
        public_url=url,
        port=int(url.rpartition(":")[2]),
        intercom_url="http://127.0.0.1:9",
        intercom_token="made-for-a-test",
        intercom_client_secret="made-for-a-test",
    )
    with command(settings, "serve", "--no-with-worker") as running:
        answered = await asyncio.gather(*(asyncio.to_thread(posted, running, url, number) for number in range(20)))
    assert [status for status, _ in answered] == [200] * 20
    print(f"{ROWS:,} messages; the longest wait of a webhook was {max(waited for _, waited in answered):.1f} s")
    after = await one(released, "select count(*) from arrival where kind = 'message'")
    assert after == (int(str(before[0])) + 20,)


def posted(running: Command, url: str, number: int) -> tuple[int, float]:
    """The status of a webhook, and the seconds after which it came.

    Where nobody listens yet it is sent again, as providers do.
    """
    began = time.monotonic()
    while True:
        try:
            status = signed_webhook(url + ADDRESS, f"During the upgrade {number}", 1000 + number)
            return status, time.monotonic() - began
        except urllib.error.URLError as error:
            if not isinstance(error.reason, ConnectionRefusedError):
                raise
        assert running.ended() is None, running.said()
        time.sleep(0.05)

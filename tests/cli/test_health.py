"""`leadline doctor`, part by part: each finds what is wrong, says how to fix it, and is quiet where nothing is."""

from __future__ import annotations

import asyncio
import hmac
import json
import os
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace

import aiohttp
import msgspec
import pytest
from msgspec.structs import replace

from leadline.cli import address_health, machine_health, webhook_health
from leadline.errors import SettingError
from leadline.intercom.clock import Clock
from leadline.settings import Settings
from leadline.store import slow
from leadline.store.database import Database
from leadline.store.queries import queries
from tests.acceptance.conftest import Open
from tests.acceptance.conftest import open_town as open_town
from tests.acceptance.town import until
from tests.cli.test_cli import run

WORKSPACE = "w"


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, ""), (600, "seconds behind Intercom's"), (-600, "seconds ahead of Intercom's")],
)
def test_a_clock_that_differs_from_intercoms_is_told(seconds: int, told: str) -> None:
    clock = Clock()
    clock.learn(format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True))
    finding = machine_health.clock(clock)
    assert finding is not None
    assert told in finding.trouble if told else not finding.trouble


def test_a_clock_that_nobody_told_is_left_out() -> None:
    assert machine_health.clock(Clock()) is None


@pytest.mark.parametrize(
    ("free", "inodes", "told"),
    [(50, 50, ""), (1, 50, "no message can be kept: make room"), (50, 1, "inodes free")],
    ids=["room", "full", "no inodes"],
)
def test_a_disk_that_gets_full_is_told(
    free: int, inodes: int, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = SimpleNamespace(f_frsize=10**9, f_blocks=100, f_bavail=free, f_files=100, f_favail=inodes)
    monkeypatch.setattr(os, "statvfs", lambda _path: found)
    finding = machine_health.disk(tmp_path / "not made yet")
    assert told in finding.trouble if told else not finding.trouble


async def test_connections_that_would_not_suffice_are_told(store: Database) -> None:
    fine = await machine_health.server(store, Settings(database_url=store.url))
    assert (fine.trouble, "external; PostgreSQL 18" in fine.word) == ("", True)
    greedy = await machine_health.server(store, Settings(database_url=store.url, pool_size=100_000))
    assert "LEADLINE_POOL_SIZE" in greedy.trouble


async def test_an_old_backup_is_told_and_none_is_remarked_on(store: Database) -> None:
    assert "none by Leadline yet" in (await machine_health.backups(store, WORKSPACE, is_embedded=True)).word
    made = "insert into backup (workspace_id, began_at, checked_at) values (%s, now() - %s::interval, now())"
    for age, told in (("30 days", "30 days ago"), ("1 day", "")):
        async with store.connection() as connection:
            await connection.execute(made.encode(), [WORKSPACE, age])
        finding = await machine_health.backups(store, WORKSPACE, is_embedded=True)
        assert told in finding.trouble if told else not finding.trouble


async def test_replies_without_webhooks_are_told(store: Database) -> None:
    assert "none has come from Intercom yet" in (await webhook_health.topics(store, WORKSPACE)).word
    async with store.connection() as connection:
        await queries.hear_topic(connection, workspace_id=WORKSPACE, topic="contact.merged")
        await connection.execute("insert into reconciliation (workspace_id, found) values ('w', 3)")
    assert "no webhook conversation.admin.replied has come" in (await webhook_health.topics(store, WORKSPACE)).trouble
    async with store.connection() as connection:
        await queries.hear_topic(connection, workspace_id=WORKSPACE, topic=webhook_health.REPLIED)
    finding = await webhook_health.topics(store, WORKSPACE)
    assert (finding.trouble, "conversation.admin.replied" in finding.word) == ("", True)
    assert "not in 30 days: contact.archived" in finding.word


async def test_a_wrong_client_secret_is_told_and_healed_by_the_next_webhook(open_town: Open) -> None:
    async with open_town() as town:
        ping = {"app_id": "sandbox", "topic": "ping", "data": {"item": {"type": "ping"}}}
        body = msgspec.json.encode({"type": "notification_event"} | ping)
        url = f"{town.settings.public_url}/intercom/webhook"

        async def webhooks(secret: str) -> tuple[int, str, str]:
            signature = "sha1=" + hmac.new(secret.encode(), body, "sha1").hexdigest()
            headers = {"X-Hub-Signature": signature}
            async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as answer:
                status = answer.status
            findings = json.loads((await run(town.settings, "doctor", "--json"))[1])
            [(state, what)] = [(each["state"], each["what"]) for each in findings if each["part"] == "webhooks"]
            return status, state, what

        status, state, what = await webhooks("of another app")
        assert (status, state) == (403, "WRONG")
        assert "does not fit the client secret" in what
        assert (await webhooks(town.settings.intercom_client_secret))[:2] == (200, "ok")
        assert (await webhooks("of another app"))[:2] == (403, "ok")


async def test_a_teammate_who_is_not_there_is_told_with_those_who_are(open_town: Open) -> None:
    async with open_town() as town:
        for admin_id, code, told in (("999", 1, "No teammate has the id 999"), ("", 0, "signs the notes")):
            ended, said = await run(replace(town.settings, intercom_admin_id=admin_id), "doctor")
            assert (ended, told in said) == (code, True), said


async def test_doctor_says_whether_the_preview_api_that_is_wanted_is_there(open_town: Open) -> None:
    async with open_town(intercom_preview=True) as town:
        assert "it has no Preview API" in (await run(town.settings, "doctor"))[1]
        await town.intercom("PUT", "/_sandbox/control", {"preview": True})
        assert "the Preview API is there" in (await run(town.settings, "doctor"))[1]


async def test_doctor_leaves_no_alarm_in_the_servers_log(open_town: Open, capsys: pytest.CaptureFixture[str]) -> None:
    async with open_town() as town:
        capsys.readouterr()
        assert (await run(town.settings, "doctor"))[0] == 0
        said = capsys.readouterr()
        assert "refused" not in said.out + said.err


async def test_a_ready_leadline_says_so_and_one_that_keeps_nothing_does_not(open_town: Open) -> None:
    async with open_town() as town:
        settings = replace(town.settings, port=int(town.places.leadline.rpartition(":")[2]))
        assert await run(settings, "ready") == (0, "Ready.\n")
        async with town.leadline.database.connection() as connection:
            await connection.execute("alter table pulse rename to gone")
        try:

            async def unready() -> bool:
                code, said = await run(settings, "ready")
                return code == 1 and said.startswith("Not ready: database")

            await until(unready)  # an answer holds for two seconds
        finally:
            async with town.leadline.database.connection() as connection:
                await connection.execute("alter table gone rename to pulse")
    code, said = await run(settings, "ready")
    assert (code, "Is `leadline serve` running?" in said) == (1, True)


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A key, and a certificate of this machine that ends in five days."""
    key, made = tmp_path / "key.pem", tmp_path / "made.pem"
    subject = ["-subj", "/CN=leadline.test", "-addext", "subjectAltName=DNS:leadline.test", "-days", "5"]
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *subject]
    subprocess.run([*make, "-keyout", key, "-out", made], check=True, capture_output=True)
    return key, made


@asynccontextmanager
async def speaking_tls(key: Path, made: Path) -> AsyncIterator[int]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(made, key)
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    async with server:
        yield int(server.sockets[0].getsockname()[1])


async def test_a_certificate_that_ends_soon_is_told(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    key, made = certificate
    monkeypatch.setenv("SSL_CERT_FILE", str(made))
    opened = asyncio.open_connection
    monkeypatch.setattr(
        asyncio, "open_connection", lambda _host, port, **more: opened("127.0.0.1", port, server_hostname=_host, **more)
    )
    async with speaking_tls(key, made) as port:
        with pytest.raises(SettingError, match=r"certificate of leadline\.test ends in [45] days"):
            await address_health._safety(f"https://leadline.test:{port}")


async def test_an_address_without_https_is_wrong_and_one_of_this_machine_is_remarked_on() -> None:
    with pytest.raises(SettingError, match="is not https"):
        await address_health._safety("http://leadline.example")
    assert "this machine only" in await address_health._safety("http://127.0.0.1:8080")


async def test_the_panels_address_must_lead_to_leadline(open_town: Open) -> None:
    async with open_town() as town, aiohttp.ClientSession() as session:
        assert "Canvas Kit" in await address_health.panel(town.settings, session)
        elsewhere = replace(town.settings, public_url=town.places.sandbox)
        with pytest.raises(SettingError, match="as nothing of Leadline does"):
            await address_health.panel(elsewhere, session)


async def test_a_slow_statement_is_told_without_its_values(
    store: Database, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slow, "limit", 0.05)
    async with store.connection() as connection:
        await connection.execute("select pg_sleep(0.1), %s::text", ["a secret"])
        await connection.execute("select 1")
    [line] = [line for line in capsys.readouterr().out.splitlines() if "slow_query" in line]
    assert "pg_sleep" in line
    assert "a secret" not in line


async def test_what_the_environment_says_and_counts_no_more_is_told(open_town: Open) -> None:
    async with open_town(policy="prefer_user", shared_limit=4) as town:
        await town.leadline.book.set("sandbox", "policy", "ask")
        _, said = await run(town.settings, "doctor")
        assert "LEADLINE_POLICY counts no more: policy was set to 'ask' by leadline" in said
        assert "LEADLINE_SHARED_LIMIT" not in said

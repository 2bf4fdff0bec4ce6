"""The command line as a person or a script uses it: real processes, real exit codes, a real sandbox to talk to."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import msgspec
import pytest

from leadline import __version__
from leadline.sandbox.providers import Providers, TelegramFake, accounts, create
from leadline.serving import serving
from leadline.settings import Settings
from leadline.stage.town import Places, open_sandbox, town_settings
from leadline.store.database import Database
from tests.acceptance.conftest import Open
from tests.acceptance.conftest import open_town as open_town
from tests.acceptance.town import provider_accounts, until
from tests.conftest import ROOT
from tests.databases import make_attributes
from tests.nursery import command, environ


async def run(settings: Settings, *arguments: str, stdin: str = "") -> tuple[int, str]:
    """Exit code and everything printed by `leadline …` with these settings."""
    with command(settings, *arguments, stdin=stdin) as process:
        code = await asyncio.to_thread(process.ended, 180)
        assert code is not None, process.said()
        return code, process.said()


@pytest.fixture
async def office(store: Database, database_url: str) -> AsyncIterator[tuple[Settings, Places, Providers]]:
    """Settings of an installation whose Intercom is the sandbox; nothing of Leadline runs."""
    make_attributes(database_url)
    with Places(0) as places:
        providers = Providers(provider_accounts(places) | accounts(places.providers, TelegramFake.key))
        async with (
            open_sandbox(database_url, places),
            serving(create(providers), places.sockets["providers"]),
        ):
            yield town_settings(store.url, places), places, providers


Office = tuple[Settings, Places, Providers]


async def test_a_channel_is_added_listed_tested_rotated_and_removed(office: Office) -> None:
    settings, places, _ = office
    values = [f"{k}={v}" for k, v in msgspec.to_builtins(provider_accounts(places)["twilio_sms"]).items() if v]
    flags = [part for value in values if not value.startswith("auth_token") for part in ("--set", value)]
    code, said = await run(
        settings, "channel", "add", "twilio_sms", "--name", "Shop", *flags, stdin="made-up-auth-token\n"
    )
    assert code == 0, said
    assert f"{places.leadline}/in/" in said
    assert "made-up-auth-token" not in said, "a secret is asked for without echo"
    code, said = await run(settings, "channel", "list", "--json")
    assert [(row["name"], row["provider"], row["address"]) for row in json.loads(said)] == [
        ("Shop", "twilio_sms", "+14155550100")
    ]
    code, said = await run(settings, "channel", "test", "Shop")
    assert (code, said.splitlines()[0]) == (1, "Shop: the provider accepts the credentials.")
    assert "leadline serve" in said, "nothing of Leadline runs, so no webhook could come in"
    code, said = await run(settings, "channel", "rotate", "Shop")
    assert code == 0, said
    assert (await run(settings, "channel", "remove", "1", stdin="n\n"))[0] == 1, "a no is a no"
    code, said = await run(settings, "channel", "remove", "1", "--yes")
    assert (code, "leadline channel restore 1" in said) == (0, True), said
    assert (await run(settings, "channel", "list", "--json"))[1].strip() == "[]"
    code, said = await run(settings, "channel", "restore", "Shop")
    assert (code, said) == (0, "Shop is in service again.\n")
    assert [row["name"] for row in json.loads((await run(settings, "channel", "list", "--json"))[1])] == ["Shop"]


async def test_a_provider_with_an_api_for_it_is_told_the_webhook_address(office: Office) -> None:
    settings, places, providers = office
    fake = providers.of(TelegramFake)
    values = {k: v for k, v in msgspec.to_builtins(fake.settings).items() if v}
    flags = [part for k, v in values.items() for part in ("--set", f"{k}={v}")]
    code, said = await run(settings, "channel", "add", "telegram", "--name", "Bot", *flags)
    assert code == 0, said
    assert fake.settings.bot_token not in said
    assert fake.webhook_url.startswith(f"{places.leadline}/in/")
    told, fake.webhook_url = fake.webhook_url, ""
    code, said = await run(settings, "channel", "register", "Bot")
    assert (code, fake.webhook_url, "from now on" in said) == (0, told, True)
    flags[flags.index(f"bot_token={fake.settings.bot_token}")] = "bot_token=7000000002:wrong"
    code, said = await run(settings, "channel", "add", "telegram", "--name", "Other", *flags)
    assert (code, "could not be told the address: Telegram does not take it: Unauthorized" in said) == (0, True)


async def test_wrong_credentials_of_a_channel_are_found_and_named(office: Office) -> None:
    settings, places, _ = office
    values = msgspec.to_builtins(provider_accounts(places)["twilio_sms"]) | {"auth_token": "not-the-right-token"}
    flags = [part for k, v in values.items() if v for part in ("--set", f"{k}={v}")]
    assert (await run(settings, "channel", "add", "twilio_sms", "--name", "Shop", *flags))[0] == 0
    code, said = await run(settings, "channel", "test", "Shop")
    assert code == 1
    assert "refuses the credentials" in said
    assert "not-the-right-token" not in said
    assert "leadline channel change 1" in said
    code, said = await run(settings, "channel", "add", "twilio_sms", "--name", "Shop", *flags)
    assert (code, "leadline channel change 1" in said) == (1, True), "a second channel would not help"
    right = msgspec.to_builtins(provider_accounts(places)["twilio_sms"])["auth_token"]
    code, said = await run(settings, "channel", "change", "Shop", stdin=f"{right}\n")
    assert (code, right in said) == (0, False), said
    code, said = await run(settings, "channel", "test", "Shop")
    assert said.splitlines()[0] == "Shop: the provider accepts the credentials."


async def test_the_version_is_told_without_any_setting() -> None:
    code, said = await run(Settings(), "--version")
    assert (code, said) == (0, f"leadline {__version__}\n")


UNKNOWN = [
    (["channel", "add", "pigeon"], ["pigeon", "Known: ", "twilio_sms"]),
    (["channel", "add", "twilo_sms"], ["Did you mean twilio_sms"]),
    (["channel", "add", "twilio_sms", "--set", "colour=red"], ["colour", "account_sid"]),
    (["channel", "test", "nobody"], ["nobody"]),
    (["explain", "12345"], ["12345"]),
]
"""What is typed, and what the answer names."""


async def test_an_unknown_name_is_answered_with_the_known_ones(office: Office) -> None:
    for arguments, words in UNKNOWN:
        code, said = await run(office[0], *arguments)
        assert code == 1
        assert said.startswith("leadline: ")
        assert len(said.splitlines()) == 1
        assert all(word in said for word in words), said


async def test_a_reachable_channel_is_told_from_one_of_another_server(open_town: Open) -> None:
    async with open_town() as town:
        code, said = await run(town.settings, "channel", "test", "SMS")
        assert (code, said.splitlines()) == (
            0,
            ["SMS: the provider accepts the credentials.", "SMS: the webhook address answers."],
        )
        stranger = msgspec.structs.replace(town.settings, public_url=f"{town.places.sandbox}")
        code, said = await run(stranger, "channel", "test", "SMS")
        assert code == 1
        assert "LEADLINE_PUBLIC_URL" in said


async def test_templates_are_listed_and_sent_and_missed_messages_polled(open_town: Open) -> None:
    async with open_town() as town:
        code, said = await run(town.settings, "channel", "templates", "WhatsApp", "--sync", "--json")
        assert code == 0, said
        chosen = next(each for each in json.loads(said) if each["status"] == "approved" and each["variables"])
        assert {"name", "language", "body", "variables", "status"} <= set(chosen)
        arguments = ["channel", "send-template", "WhatsApp", chosen["name"], "--language", chosen["language"]]
        code, said = await run(town.settings, *arguments, "--value", "given", "--preview")
        assert (code, "given" in said, "Still to give: " in said) == (0, True, True), said
        assert town.providers.phones.received() == []
        code, said = await run(town.settings, *arguments, "--to", "cust-1001")
        assert (code, len(said.splitlines())) == (1, 1)
        assert "variables" in said
        values = [part for name in chosen["variables"] for part in ("--value", f"some {name}")]
        code, said = await run(town.settings, *arguments, *values, "--to", "cust-1001", "--open")
        assert code == 0, said

        async def there() -> list[str]:
            return [delivery.text for delivery in town.providers.phones.received("353888888999")]

        [text] = await until(there)
        assert f"some {chosen['variables'][0]}" in text
        assert (await run(town.settings, "channel", "poll", "SMS", "--since", "1h"))[1] == "SMS: 0 missed messages.\n"
        code, said = await run(town.settings, "channel", "poll", "WhatsApp")
        assert (code, said.startswith("leadline: ")) == (1, True)
        code, said = await run(town.settings, "channel", "settings", "twilio_sms", "--json")
        secrets = {row["name"] for row in json.loads(said) if row["secret"]}
        assert "auth_token" in secrets


async def test_explain_and_parked_tell_what_happened(open_town: Open) -> None:
    async with open_town() as town:
        await town.sms_in("+447700900123", "Hello", 7)

        async def one() -> bool:
            return bool(await town.threads())

        await until(one)
        code, said = await run(town.settings, "explain", f"SM{7:032d}")
        assert code == 0, said
        assert "Updated last of several" in said
        assert "Liam Murphy" in said
        code, said = await run(town.settings, "explain", f"SM{7:032d}", "--json")
        story = json.loads(said)
        assert story["decision"]["code"] == "tie_latest_updated"
        assert len(story["decision"]["candidates"]) == 3
        assert (await run(town.settings, "parked", "list"))[1] == "Nothing is parked and nothing waits.\n"
        url = f"{town.places.leadline}/in/{town.whatsapp.key}"
        async with town.http.post(url, data=b"{", headers=signed(b"{")) as answer:
            assert answer.status == 200, "a malformed webhook is answered, kept and parked"
        [row] = json.loads((await run(town.settings, "parked", "list", "--json"))[1])
        assert (row["state"], row["reason"]) == ("parked", "unreadable")
        code, said = await run(town.settings, "parked", "drop", str(row["arrival_id"]), "--yes")
        assert said == "1 message given up.\n"


def signed(body: bytes) -> dict[str, str]:
    import hashlib
    import hmac

    from tests.acceptance.town import APP_SECRET

    return {"X-Hub-Signature-256": "sha256=" + hmac.new(APP_SECRET.encode(), body, hashlib.sha256).hexdigest()}


async def test_doctor_finds_nothing_wrong_where_nothing_is(open_town: Open) -> None:
    async with open_town() as town:
        code, said = await run(town.settings, "doctor", "--json")
        findings = {row["part"]: row["state"] for row in json.loads(said)}
        assert code == 0, said
        assert {part for part, state in findings.items() if state != "ok"} == {"public address", "webhooks", "backup"}
        assert set(findings.values()) == {"ok", "note"}
        assert {"settings", "intercom", "public address", "database", "channel SMS", "channel WhatsApp"} <= set(
            findings
        )


WRONG: list[tuple[dict[str, str], str, list[str]]] = [
    ({"intercom_token": "revoked"}, "intercom", ["LEADLINE_INTERCOM_TOKEN", "Developer Hub"]),
    ({"public_url": "http://127.0.0.1:9"}, "public address", ["LEADLINE_PUBLIC_URL", "leadline serve"]),
    ({"database_url": "postgresql://ann:hush@127.0.0.1:9/x"}, "database", ["LEADLINE_DATABASE_URL", "x on 127"]),
    ({"secret_key": ""}, "settings", ["LEADLINE_SECRET_KEY"]),
    ({"intercom_token": ""}, "intercom", ["No Intercom workspace is connected yet", "console"]),
    ({"intercom_version": "1.0"}, "intercom", ["LEADLINE_INTERCOM_VERSION (1.0)", "LEADLINE_INTERCOM_URL"]),
    ({"intercom_url": "http://127.0.0.1:9"}, "intercom", ["Intercom cannot be reached: it refuses connections"]),
    ({"smtp_url": "smtp://ann:hush@127.0.0.1:9"}, "mail", ["mail server cannot be reached: it refuses connections"]),
]
"""A setting, the part of the findings that it spoils, and what is said."""


async def test_doctor_names_what_is_wrong_and_how_to_fix_it(open_town: Open) -> None:
    async with open_town() as town:
        for changes, part, words in WRONG:
            code, said = await run(msgspec.structs.replace(town.settings, **changes), "doctor", "--json")
            wrong = {row["part"]: row["what"] for row in json.loads(said) if row["state"] == "WRONG"}
            assert code == 1
            assert list(wrong) == [part]
            assert all(word in wrong[part] for word in words), wrong
            assert "hush" not in said


@pytest.mark.parametrize("name", ["secret_key", "intercom_client_secret", "public_url"])
async def test_a_missing_secret_stops_the_start_with_one_line(name: str, tmp_path: Path) -> None:
    settings = Settings(
        data_dir=str(tmp_path),
        secret_key="4f9d2c7be18a60353c1b9e7a5d40f682",
        intercom_token="t",
        intercom_client_secret="s",
        public_url="http://x",
    )
    code, said = await run(msgspec.structs.replace(settings, **{name: ""}), "serve")
    assert code == 1
    assert said.count("\n") == 1
    assert f"LEADLINE_{name.upper()}" in said


async def test_demo_once_prints_the_four_decisions_and_exits_with_success(data_dir: Path) -> None:
    """Started as people start it."""
    program = [sys.executable, "-m", "leadline", "demo", "--once"]
    changed = environ(Settings(data_dir=str(data_dir), port=0))
    done = await asyncio.to_thread(subprocess.run, program, env=changed, capture_output=True, text=True, check=False)
    code, said = done.returncode, done.stdout + done.stderr
    assert code == 0, said
    order = [
        said.index(code) for code in ("[Only contact with", "[Known sender]", "[Updated last of several]", "[New lead]")
    ]
    assert order == sorted(order)


async def test_the_sandbox_alone_serves_its_api(data_dir: Path) -> None:
    with command(Settings(data_dir=str(data_dir)), "sandbox", "--port", "0") as process:

        async def told() -> str:
            assert process.ended() is None, process.said()
            _, _, address = process.said().partition("LEADLINE_INTERCOM_URL=")
            return address.split()[0] if address else ""

        url = await until(told)
        headers = {"Authorization": "Bearer sandbox-token"}
        async with aiohttp.ClientSession(headers=headers) as http, http.get(f"{url}/me") as answer:
            assert (await answer.json())["app"]["id_code"] == "sandbox"
        os.kill(process.pid, signal.SIGTERM)
        assert await asyncio.to_thread(process.ended, 120) == 0


def test_a_new_channel_works_as_it_is_written(tmp_path: Path) -> None:
    """In a copy of the source: the files are clean, and their payloads are read as they say."""
    for folder in ("src/leadline", "tests/channels", "docs/channels"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("static"))
    for file in ("pyproject.toml", "tests/__init__.py", "tests/conftest.py", "tests/databases.py", "tests/pools.py"):
        shutil.copy(ROOT / file, tmp_path / file)
    changed = os.environ | {"PYTHONPATH": str(tmp_path / "src"), "COLUMNS": "400"}

    def ran(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", *arguments], cwd=tmp_path, env=changed, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert "wrote src/leadline/channels/acme_text/adapter.py" in ran("leadline", "channel", "new", "Acme Text")
    new = ["src/leadline/channels", "src/leadline/sandbox/providers", "tests/channels/acme_text"]
    ran("ruff", "check", "--no-cache", *new)
    ran("ruff", "format", "--check", "--no-cache", *new)
    places = ["tests/channels/test_payloads.py", "tests/channels/acme_text"]
    assert "passed" in ran("pytest", *places, "-n", "0", "-q", "-k", "acme_text", "-p", "no:cacheprovider")
    assert '"acme_text"' in ran("leadline", "channel", "providers", "--json")


@pytest.mark.parametrize("name", ["Twilio SMS", "42", "…"])
async def test_a_channel_that_exists_or_has_no_name_is_not_written(office: Office, name: str) -> None:
    code, said = await run(office[0], "channel", "new", name, "--folder", str(ROOT))
    assert (code, len(said.splitlines())) == (1, 1)

"""What a script needs of a command comes as one JSON value, and nothing beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from leadline.cli.lazy import Deferred
from tests.acceptance.town import AUTH_TOKEN, provider_accounts
from tests.cli.test_cli import Office, run
from tests.cli.test_cli import office as office
from tests.cli.test_start import commands

WITHOUT = {
    "init": "what it makes is a settings file, which is read as TOML",
    "serve": "runs until it is stopped, and tells by its log (LEADLINE_LOG_FORMAT=json)",
    "worker": "as serve",
    "demo": "is shown to a person",
    "sandbox run": "runs until it is stopped",
    "channel new": "what it makes is source files, for a person who goes on writing",
}
"""Commands without --json, and why a script needs none of them."""


@pytest.mark.parametrize(("path", "deferred"), commands(), ids=[path for path, _ in commands()])
def test_every_command_with_a_result_takes_json(path: str, deferred: Deferred) -> None:
    options = {option for parameter in deferred.loaded().params for option in parameter.opts}
    assert ("--json" in options) != (path in WITHOUT)


def test_each_exception_is_a_command() -> None:
    assert WITHOUT.keys() <= {path for path, _ in commands()}


async def asked(office: Office, *arguments: str, code: int = 0) -> Any:
    ended, said = await run(office[0], *arguments, "--json")
    assert ended == code, said
    return json.loads(said)


async def test_a_script_gets_addresses_findings_and_counts(office: Office) -> None:
    settings, places, _ = office
    values = msgspec.to_builtins(provider_accounts(places)["twilio_sms"]).items()
    flags = [part for name, value in values if value for part in ("--set", f"{name}={value}")]
    ended, said = await run(settings, "channel", "add", "twilio_sms", "--name", "Shop", *flags, "--json")
    assert (ended, AUTH_TOKEN in said) == (0, False), said
    added = json.loads(said.splitlines()[0])
    assert (added["name"], added["provider"], added["credentials"]) == (
        "Shop",
        "twilio_sms",
        "The provider accepts the credentials.",
    )
    assert added["url"].startswith(f"{places.leadline}/in/")
    rotated = await asked(office, "channel", "rotate", "Shop")
    assert (rotated["channel_id"], rotated["url"] == added["url"]) == (added["channel_id"], False)
    tested = await asked(office, "channel", "test", "Shop", code=1)
    assert (tested["credentials"], "leadline serve" in tested["address"]) == ("", True)
    assert await asked(office, "channel", "poll", "Shop") == {"name": "Shop", "kept": 0}
    audit = await asked(office, "audit", "verify")
    assert (audit["broken"], audit["count"] >= 2) == (None, True)


async def test_a_script_makes_and_revokes_a_key(office: Office) -> None:
    assert (await asked(office, "api-key", "create", "Shop", "--scope", "read")).keys() == {"token"}
    assert await asked(office, "api-key", "revoke", "shop", "--yes") == {"revoked": "Shop"}
    [row] = await asked(office, "api-key", "list")
    assert row["revoked_at"] is not None


async def test_a_script_looks_after_seats_of_the_console(office: Office) -> None:
    invited = await asked(office, "user", "add", "ann@example.com", "--role", "owner")
    assert (invited["email"], invited["role"]) == ("ann@example.com", "owner")
    assert "/console/link/" in invited["link"]
    await asked(office, "user", "add", "bo@example.com")
    assert await asked(office, "user", "role", "bo@example.com", "admin") == {
        "email": "bo@example.com",
        "role": "admin",
    }
    anew = await asked(office, "user", "reset", "ann@example.com")
    assert (anew["email"], anew["link"] == invited["link"]) == ("ann@example.com", False)
    assert await asked(office, "user", "remove", "bo@example.com", "--yes") == {"removed": "bo@example.com"}


async def test_a_script_holds_a_channel_back_and_changes_it(office: Office) -> None:
    values = {k: v for k, v in msgspec.to_builtins(provider_accounts(office[1])["twilio_sms"]).items() if v}
    flags = [part for name, value in values.items() for part in ("--set", f"{name}={value}")]
    assert (await run(office[0], "channel", "add", "twilio_sms", "--name", "Shop", *flags))[0] == 0
    shop = {"channel_id": 1, "name": "Shop"}
    assert await asked(office, "channel", "pause", "Shop") == shop | {"state": "paused"}
    assert await asked(office, "channel", "resume", "Shop") == shop | {"state": "in service", "messages": 0}
    number = f"number={values['number']}"
    assert await asked(office, "channel", "change", "Shop", "--set", number) == shop | {"registered": ""}
    assert await asked(office, "channel", "remove", "Shop", "--yes") == shop | {"state": "removed"}
    assert await asked(office, "channel", "restore", "Shop") == shop | {"state": "in service"}


async def test_a_script_reads_what_was_written_into_a_file(office: Office, tmp_path: Path) -> None:
    await asked(office, "api-key", "create", "Shop", "--scope", "read")
    written = await asked(office, "audit", "export", str(tmp_path / "audit.jsonl"))
    lines = (tmp_path / "audit.jsonl").read_text("utf-8").splitlines()
    assert written == {"file": str(tmp_path / "audit.jsonl"), "acts": len(lines)}
    copy = await asked(office, "person", "export", "+353888888999", "--to", str(tmp_path / "person.json"))
    assert copy == {"file": str(tmp_path / "person.json"), "records": 0}


async def test_a_script_connects_tests_and_removes_a_workspace(office: Office, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text(office[0].intercom_token)
    files = ("--token", str(token), "--client-secret", str(token))
    me = await asked(office, "workspace", "connect", *files)
    assert me.keys() == {"workspace_id", "name", "region", "admin_id", "admin_name"}
    assert await asked(office, "workspace", "test") == me
    assert await asked(office, "workspace", "set", *files) == me
    assert await asked(office, "workspace", "remove", me["workspace_id"], "--yes") == {"removed": me["workspace_id"]}
    installed = replace(office[0], intercom_client_id="made-for-a-test")
    code, said = await run(installed, "workspace", "install", "--json")
    assert (code, json.loads(said).keys()) == (0, {"link", "redirect"}), said

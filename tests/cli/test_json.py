"""What a script needs of a command comes as one JSON value, and nothing beside it."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from tests.acceptance.town import AUTH_TOKEN, provider_accounts
from tests.cli.test_cli import Office, run
from tests.cli.test_cli import office as office


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

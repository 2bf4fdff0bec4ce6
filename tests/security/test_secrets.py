"""Secrets: none on command lines, none that can be guessed, none that others can read, none in errors."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.channels import CHANNELS, channel
from leadline.channels.settings import secret_names
from leadline.connections.switchboard import typed_settings
from leadline.errors import SettingError
from leadline.sandbox.providers import accounts
from leadline.settings import load, weakness
from leadline.store.database import Database, without_password
from tests.cli.test_cli import Office
from tests.cli.test_cli import office as office
from tests.cli.test_merge import run

META = {
    "phone_number_id": "111",
    "business_account_id": "222",
    "access_token": "EAAB10xyz",
    "app_secret": "9f8e7d6c5b4a",
}
FLAGS = [part for name, value in META.items() for part in ("--set", f"{name}={value}")]
STRONG = "4f9d2c7be18a60353c1b9e7a5d40f682"


@pytest.mark.parametrize(
    "weak",
    [
        "a" * 64,
        "abcd" * 16,
        "0123456789" * 4,
        "only-for-playing-0123456789abcdef",
        "abcdefghijklmnopqrstuvwxyz012345",
        "tiny",
    ],
)
def test_a_weak_secret_key_is_refused_with_the_way_to_a_good_one(weak: str) -> None:
    with pytest.raises(SettingError, match="openssl rand -hex 32") as refused:
        load({"LEADLINE_SECRET_KEY": weak})
    assert weak not in str(refused.value)


@given(st.binary(min_size=32, max_size=32))
def test_random_secrets_are_strong(bits: bytes) -> None:
    if len(set(bits)) > 16:
        assert weakness(bits.hex(), length=32) == ""


@pytest.mark.parametrize("key", sorted(CHANNELS))
def test_no_channel_takes_an_empty_credential(key: str) -> None:
    """Whoever signs with the empty key can be imitated by everybody."""
    settings = accounts("http://127.0.0.1:9", key)[key]
    values: dict[str, Any] = msgspec.to_builtins(settings)
    required = {field.name for field in msgspec.structs.fields(type(settings)) if field.required}
    for name in required & set(secret_names(settings)):
        for empty in ("", "  "):
            with pytest.raises(SettingError, match=name):
                typed_settings(channel(key), values | {name: empty})


async def test_credentials_come_from_files_pipes_and_questions(office: Office, tmp_path: Path) -> None:
    settings, _, _ = office
    secret = tmp_path / "verify"
    secret.write_text(f"{STRONG}\n")
    code, said = await run(settings, "channel", "add", "whatsapp_cloud", *FLAGS, "--set", f"verify_token=@{secret}")
    assert code == 0, said
    assert STRONG not in said
    code, said = await run(settings, "channel", "change", "1", "--set", "access_token=-", stdin="typed-without-echo\n")
    assert (code, "typed-without-echo" in said) == (0, False), said
    code, said = await run(settings, "channel", "change", "1", "--set", f"verify_token=@{tmp_path}/nowhere")
    assert (code, "cannot be read" in said) == (1, True), said


async def test_what_may_be_made_up_is_made_up_and_shown_once(office: Office) -> None:
    settings, _, _ = office
    code, said = await run(settings, "channel", "add", "whatsapp_cloud", *FLAGS, stdin="\n", whole=True)
    assert code == 0, said
    found = re.search(r"verify_token: ([0-9a-f]{32})  \(made by Leadline", said)
    assert found, said
    assert found[1] not in (await run(settings, "channel", "list", "--json"))[1]


@pytest.mark.parametrize("weak", ["a" * 20, "tiny", "made-up-verify-token"])
async def test_a_guessable_text_of_ones_own_is_refused(office: Office, weak: str) -> None:
    code, said = await run(office[0], "channel", "add", "whatsapp_cloud", *FLAGS, "--set", f"verify_token={weak}")
    assert (code, "openssl rand -hex 16" in said) == (1, True), said
    assert weak not in said


@pytest.mark.parametrize(("mode", "refused"), [(0o644, True), (0o604, True), (0o640, False), (0o600, False)])
def test_a_settings_file_that_everybody_reads_may_hold_no_secret(tmp_path: Path, mode: int, refused: bool) -> None:
    file = tmp_path / "leadline.toml"
    file.write_text(f"secret_key = '{STRONG}'\n")
    file.chmod(mode)
    if refused:
        with pytest.raises(SettingError, match=f"chmod 600 {file}"):
            load({}, file)
    else:
        assert load({}, file).secret_key == STRONG
    file.write_text("port = 8081\n")
    assert load({}, file).port == 8081, "what is no secret may be read by all"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ann:hu/sh-hush@127.0.0.1:1/shop",
        "postgresql://ann:hu@sh-hush@127.0.0.1:1/shop",
        "postgresql://ann:hu#sh-hush@127.0.0.1:1/shop",
        "postgresql://ann:hu:sh-hush@127.0.0.1:1/shop",
        "postgresql://ann:sh%2Dhush@127.0.0.1:1/shop",
        "postgresql://ann:sh-hush@127.0.0.1:port/shop",
        "postgresql://ann:sh-hush@[127.0.0.1/shop",
        "postgresql:/ann:sh-hush@127.0.0.1/shop",
        "host=127.0.0.1 port=1 user=ann password=sh-hush",
        "host=127.0.0.1 port=1 user=ann password='sh-hush",
    ],
)
async def test_no_address_of_a_database_shows_its_password_however_wrong_it_is(url: str) -> None:
    with pytest.raises(SettingError, match="LEADLINE_DATABASE_URL") as caught:
        async with Database.open(url):
            pass
    shown = f"{caught.value} {without_password(url)}"
    assert "hush" not in shown
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("name", ["LEADLINE_PUBLIC_URL", "LEADLINE_INTERCOM_URL"])
def test_an_address_with_a_password_is_refused_without_showing_it(name: str) -> None:
    with pytest.raises(SettingError) as caught:
        load({name: "https://ann:sh-hush@example.com"})
    assert "hush" not in str(caught.value)

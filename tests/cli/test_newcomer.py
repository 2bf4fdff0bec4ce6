"""What somebody meets who does not know Leadline yet: each error says what to do, each option what it is for."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from leadline.errors import SettingError
from leadline.identity.policy import TIES
from leadline.settings import Settings, require
from leadline.spaces import REGISTRY
from tests.cli.test_backup import empty_url as empty_url
from tests.cli.test_merge import run
from tests.databases import Databases
from tests.test_docs import _commands

COMMANDS = dict(_commands())
KEY = "4f9d2c7be18a60353c1b9e7a5d40f682"


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_option_says_what_it_is_for(name: str) -> None:
    silent = [each.name for each in COMMANDS[name].params if not each.help and each.name != "help"]
    assert silent == []


def test_help_names_every_policy() -> None:
    [policy] = [each.help for each in COMMANDS["replay"].params if each.name == "policy"]
    assert all(tie in policy for tie in TIES)


def test_a_wrong_choice_is_told_the_choices_once() -> None:
    with pytest.raises(SettingError) as told:
        REGISTRY["policy"].read("banana")
    assert [str(told.value).count(tie) for tie in TIES if tie != "latest_updated"] == [2 - 1] * (len(TIES) - 1)


def test_missing_settings_are_named_in_one_order() -> None:
    told = set()
    for names in (("secret_key", "intercom_token", "public_url"), ("public_url", "secret_key", "intercom_token")):
        with pytest.raises(SettingError) as missing:
            require(Settings(), *names)
        told.add(str(missing.value))
    assert len(told) == 1


def test_a_settings_file_that_was_not_read_is_named_and_what_writes_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LEADLINE_CONFIG", raising=False)
    with pytest.raises(SettingError, match="`leadline init` asks for what is needed and writes such a file"):
        require(Settings(), "public_url")
    (tmp_path / "leadline.toml").write_text("")
    with pytest.raises(SettingError, match=r"was not read: export LEADLINE_CONFIG=\$PWD/leadline\.toml"):
        require(Settings(), "public_url")


async def test_the_sandbox_shows_its_options() -> None:
    code, said = await run(Settings(), "sandbox", "--help")
    assert code == 0
    assert all(word in said for word in ("--port", "--search-lag", "import")), said


async def test_ready_says_who_does_not_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    code, said = await run(Settings(port=port), "ready")
    assert (code, said) == (
        1,
        f"leadline: Nothing answers at http://127.0.0.1:{port}/readyz. Is `leadline serve` running?\n",
    )


async def test_a_question_that_nobody_can_answer_names_its_option(tmp_path: Path) -> None:
    code, said = await run(Settings(), "user", "remove", "ann@example.com", stdin="")
    assert (code, "Give the answer with the command: --yes" in said) == (1, True), said
    code, said = await run(Settings(), "channel", "add", "twilio_sms", stdin="")
    assert (code, "--set account_sid=" in said) == (1, True), said


async def test_doctor_calls_a_missing_token_missing(databases: Databases) -> None:
    with databases.lent() as url:
        code, said = await run(Settings(database_url=url), "doctor")
    assert (code, "is no access token" in said, "No Intercom workspace is connected" in said) == (1, False, True), said


async def test_doctor_says_of_a_new_database_that_serve_makes_its_tables(empty_url: str) -> None:
    _, said = await run(Settings(database_url=empty_url), "doctor")
    assert "not made yet: `leadline serve` makes them" in " ".join(said.split()), said


async def test_without_a_new_key_nothing_is_said_to_be_encrypted_anew(databases: Databases) -> None:
    with databases.lent() as url:
        code, said = await run(Settings(database_url=url, secret_key=KEY), "key", "rotate")
    assert (code, "Encrypted with the new key" in said, "Nothing was changed" in said) == (0, False, True), said


async def test_a_backup_that_is_not_there_is_told_before_a_database_is_made(tmp_path: Path) -> None:
    lost, data = tmp_path / "lost.dump", tmp_path / "data"
    code, said = await run(Settings(data_dir=str(data), secret_key=KEY), "restore", str(lost))
    assert (code, said) == (1, f"leadline: There is no file {lost}. Name a backup that `leadline backup` wrote.\n")
    assert not data.exists()

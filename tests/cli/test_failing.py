"""How a command ends that cannot do its work: one sentence for people, an exit code, and never a traceback."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from leadline.cli.failing import sentence
from leadline.errors import SettingError
from leadline.settings import Settings
from leadline.store.database import Database
from tests.cli.test_merge import run
from tests.nursery import environ

KEY = "4f9d2c7be18a60353c1b9e7a5d40f682"


def leadline(*arguments: str, to: Path | None = None, env: dict[str, str] | None = None) -> tuple[int, str, str]:
    """The exit code, what came on standard output in any bytes, and what came on standard error."""
    with (to or Path("/dev/null")).open("wb") as file:
        done = subprocess.run(
            [sys.executable, "-m", "leadline", *arguments],
            env=environ(None) | (env or {}),
            stdout=file if to else subprocess.PIPE,
            stderr=subprocess.PIPE,
            check=False,
        )
    return done.returncode, (done.stdout or b"").decode("latin-1"), done.stderr.decode("latin-1")


@pytest.mark.parametrize(
    "address",
    ["nonsense", "mysql://root:hunter2@db/x", "host=db password", "postgresql://u:hunter2@[db/x"],
    ids=["a word", "another database", "half a pair", "a bracket too many"],
)
@pytest.mark.parametrize("command", [["channel", "list"], ["doctor"], ["migrate", "--plan"], ["backup"]], ids=" ".join)
async def test_what_is_no_database_address_is_told_without_showing_it(address: str, command: list[str]) -> None:
    code, said = await run(Settings(database_url=address, secret_key=KEY, public_url="https://a.example"), *command)
    assert (code, "LEADLINE_DATABASE_URL" in said, "postgresql://user:password@host:5432/name" in said) == (
        1,
        True,
        True,
    )
    assert not {"Traceback", "hunter2"} & set(said.replace("@", " ").replace(":", " ").split())


def test_a_full_disk_behind_the_output_is_told() -> None:
    code, _, told = leadline("channel", "providers", to=Path("/dev/full"))
    assert (code, told) == (1, "leadline: The system refused what this command needs: No space left on device.\n")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_a_terminal_with_few_letters_is_told_everything(encoding: str) -> None:
    code, said, told = leadline("audit", "export", "--help", env={"PYTHONIOENCODING": encoding})
    assert (code, told) == (0, "")
    code, said, told = leadline("channel", "settings", "telegram", "--json", env={"PYTHONIOENCODING": encoding})
    assert (code, told, bool(json.loads(said))) == (0, "", True)


async def test_json_is_json_where_the_terminal_has_few_letters(store: Database) -> None:
    settings = Settings(database_url=store.url, secret_key=KEY, public_url="https://münchen.example")
    env = environ(settings) | {"PYTHONIOENCODING": "ascii"}
    _, said, _ = await asyncio.to_thread(lambda: leadline("doctor", "--json", env=env))
    assert "m\\u00fcnchen" in said
    assert any("münchen" in each["what"] for each in json.loads(said))


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (SettingError("Nothing of that name."), "Nothing of that name."),
        (psycopg.errors.ReadOnlySqlTransaction("x"), "The database is read-only, so nothing was changed."),
        (psycopg.errors.DiskFull("x"), "The database has no room left on its disk."),
        (psycopg.errors.InsufficientPrivilege("x"), "The database does not let this user do that."),
        (psycopg.OperationalError("server closed"), "The connection to the database broke off."),
        (psycopg.DataError("hunter2"), "The database refused what was asked (DataError)."),
        (
            PermissionError(13, "Permission denied", "/x"),
            "The system refused what this command needs: Permission denied",
        ),
    ],
)
def test_each_kind_of_failure_has_its_sentence(error: Exception, told: str) -> None:
    assert sentence(error).startswith(told)


def test_a_mistake_of_leadlines_own_is_kept_in_a_file_for_its_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    try:
        raise KeyError("a customer's words")
    except KeyError as caught:
        told = sentence(caught)
    [kept] = tmp_path.iterdir()
    assert "KeyError at cli/test_failing.py" in told
    assert ("a customer's words" in told, str(kept) in told) == (False, True)
    assert ("a customer's words" in kept.read_text(), kept.stat().st_mode & 0o077) == (True, 0)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (["parked", "retry", "abc"], "'abc' is not a valid whole number."),
        (["duplicates", "list", "--min-score", "x"], "'x' is not a valid number."),
        (["channel", "bogus"], "No such command 'bogus'."),
        (["--bogus"], "No such option: --bogus"),
    ],
)
def test_a_command_line_that_cannot_be_read_ends_with_code_2(typed: list[str], told: str) -> None:
    code, _, said = leadline(*typed)
    assert (code, told in said, "Try 'leadline" in said) == (2, True, True), said


@pytest.mark.parametrize("as_json", [[], ["--json"]], ids=["a list", "JSON"])
def test_settings_that_cannot_be_read_are_a_finding_of_doctor(as_json: list[str]) -> None:
    code, said, told = leadline("doctor", *as_json, env={"LEADLINE_PORT": "many"})
    assert (code, told, "WRONG" in said, "LEADLINE_PORT must be a whole number" in said) == (1, "", True, True), said

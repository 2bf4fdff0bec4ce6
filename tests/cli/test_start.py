"""What a command imports before it runs, what its help says, and shell completion."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from leadline.cli.commands import app
from leadline.cli.lazy import Deferred
from leadline.settings import Settings
from leadline.store.database import Database
from leadline.store.queries import queries
from tests.nursery import environ

SERVING = """
import sys
from leadline.cli.standing import main
try:
    main()  # without settings it ends when it has imported all it needs
finally:
    print("imported:", *sorted(sys.modules))
"""
UNUSED = {"typer", "rich", "watchfiles", "rapidfuzz", "nicegui", "duckdb", "leadline.sandbox", "leadline.stage"}
HEAVY = {"aiohttp", "nicegui", "phonenumbers", "starlette", "uvicorn", "leadline.app"}
ADAPTERS = {"leadline.channels", "leadline.sandbox.providers", "leadline.intercom.client"}
IMPORTED = """
import sys
from leadline.cli import main
try:
    main()
finally:
    print("imported:", *sorted(sys.modules))
"""


def started(*arguments: str, env: dict[str, str] | None = None) -> tuple[str, set[str]]:
    """What `leadline …` printed, and the names of all modules that it had imported in the end."""
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED, *arguments], env=env, capture_output=True, text=True, check=True
    )
    said, _, modules = done.stdout.rpartition("imported:")
    return said, set(modules.split())


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_import_no_command(option: str) -> None:
    said, modules = started(option)
    assert "leadline" in said.lower()
    assert not modules & (HEAVY | ADAPTERS | {"psycopg", "structlog", "cryptography", "pydantic", "phonenumbers"})
    assert {name for name in modules if name.startswith("leadline")} == {
        "leadline",
        "leadline.cli",
        "leadline.cli.commands",
        "leadline.cli.lazy",
    }


async def test_a_command_imports_only_what_it_runs(store: Database) -> None:
    async with store.connection() as connection:
        await queries.know_workspace(
            connection, workspace_id="w", name="W", region="US", admin_id="1", formatted_phone=None
        )
    settings = Settings(database_url=store.url, secret_key="4f9d2c7be18a60353c1b9e7a5d40f682")
    said, modules = await asyncio.to_thread(started, "channel", "list", env=environ(settings))
    assert "There is no channel yet" in said
    assert "psycopg" in modules
    assert not modules & (HEAVY | ADAPTERS)


@pytest.mark.parametrize("work", [{"port": 0}, {"processes": 0}], ids=["serve", "worker"])
def test_what_serves_has_nothing_in_it_that_it_does_not_use(work: dict[str, int], tmp_path: Path) -> None:
    command = [sys.executable, "-c", SERVING, json.dumps(work)]
    done = subprocess.run(command, env=environ(None), cwd=tmp_path, capture_output=True, text=True, check=False)
    modules = set(done.stdout.partition("imported:")[2].split())
    assert (done.returncode, done.stderr.count("\n"), "LEADLINE_SECRET_KEY" in done.stderr) == (1, 1, True)
    assert {"leadline.app", "uvicorn", "structlog", "phonenumbers"} <= modules
    assert not modules & UNUSED
    plans = [name for name in modules if name.startswith("phonenumbers.data.region")]
    assert len(plans) < 10, "only of countries whose numbers are written in two ways"
    assert not [name for name in modules if name.startswith("leadline.channels") and name.endswith(".adapter")]


def top_level() -> TyperGroup:
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    return group


def commands() -> list[tuple[str, Deferred]]:
    """Every command by its whole name."""
    found: list[tuple[str, Deferred]] = []
    for name, top in top_level().commands.items():
        inner = {f"{name} {verb}": each for verb, each in top.commands.items()} if isinstance(top, TyperGroup) else {}
        found += [(path, each) for path, each in (inner or {name: top}).items() if isinstance(each, Deferred)]
    return found


@pytest.mark.parametrize(("path", "deferred"), commands(), ids=[path for path, _ in commands()])
def test_a_command_says_in_its_own_help_what_the_list_says(path: str, deferred: Deferred) -> None:
    assert (deferred.loaded().help or "").startswith(deferred.help or "-"), path


@pytest.mark.long
def test_the_lists_of_commands_are_whole_at_80_columns() -> None:
    env = os.environ | {"COLUMNS": "80"}
    groups = [name for name, top in top_level().commands.items() if isinstance(top, TyperGroup)]
    for path in ([], *([group] for group in groups)):
        said, _ = started(*path, "--help", env=env)
        assert "..." not in said.partition("Commands:")[2], said


def bash(line: str, home: Path, **more: str) -> str:
    """What a login shell of somebody whose home is `home` prints for a line."""
    env = os.environ | {"HOME": str(home), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"} | more
    return subprocess.run(["bash", "-c", f"{line}; true"], env=env, capture_output=True, text=True, check=True).stdout


def test_completion_is_shown_and_installed(tmp_path: Path) -> None:
    assert "complete_bash" in bash("leadline --show-completion", tmp_path)
    assert "completion installed" in bash("leadline --install-completion", tmp_path)
    [script] = (tmp_path / ".bash_completions").iterdir()
    assert str(script) in (tmp_path / ".bashrc").read_text("utf-8")
    assert "_LEADLINE_COMPLETE=complete_bash" in script.read_text("utf-8")


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("leadline chan", ["channel"]),
        ("leadline channel re", ["register", "resume", "remove", "restore"]),
        ("leadline channel list --j", ["--json"]),
    ],
)
def test_the_shell_completes_commands_and_options(typed: str, offered: list[str], tmp_path: Path) -> None:
    words = {"_LEADLINE_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": str(len(typed.split()) - 1)}
    assert bash("leadline", tmp_path, **words).split() == offered

"""Names of customers, channels and contacts on the operator's terminal: letters, never commands, never forged lines."""

from __future__ import annotations

import ast
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.cli.console import out
from leadline.cli.terminal import plain_json, printable
from leadline.settings import Settings
from tests.cli.test_merge import run
from tests.conftest import ROOT
from tests.people.conftest import Desk
from tests.people.conftest import desk as desk
from tests.people.conftest import open_desk as open_desk
from tests.people.conftest import open_house as open_house

NAMES = [
    "[/x]",
    "[/boom] [red]red[/red] [link=https://evil.example]here[/link]",
    "\x1b[2J\x1b[1;1Hgone",
    "\x1b]0;a new title\x07",
    "\x1b]8;;https://evil.example\x1b\\here\x1b]8;;\x1b\\",
    "\x1bP+q544e\x1b\\",
    "\x9b2J\x9d0;title\x9c",
    "\u202emoc.elpmaxe\u202c",
    "\u2066left\u2069\u200f\u061c",
    "one\rtwo\nMerge 7 (merge) by Ann\u2028three\x85four",
    "a\tb\x08\x7f\x00c\ufeff\u00ad",
    ":skull: :red_heart:",
    "\U000e0041\U000e0042 tags",
]
COMMANDS = (
    ("channel", "list"),
    ("link", "list"),
    ("link", "corrections"),
    ("merges", "list"),
    ("merges", "show", "1"),
    ("parked", "list"),
    ("explain", "1"),
    ("doctor",),
)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_becomes_one_printable_line(name: str) -> None:
    shown = printable(name)
    assert shown.isprintable()
    assert json.loads(plain_json(json.dumps(name, ensure_ascii=False))) == name


@given(st.text())
def test_any_text_becomes_printable_and_any_json_stays_the_same(text: str) -> None:
    assert all(letter.isprintable() or letter in "\u200c\u200d" for letter in printable(text))
    encoded = plain_json(json.dumps(text, ensure_ascii=False))
    assert encoded.isprintable()
    assert json.loads(encoded) == text


def test_letters_of_every_script_and_joined_emoji_stay_as_they_are() -> None:
    for text in ("Zoë Müller", "李明", "محمد", "नमस्ते क्\u200dष", "👩\u200d👧 ok"):
        assert printable(text) == text


@asynccontextmanager
async def planted(desk: Desk, name: str) -> AsyncIterator[Settings]:
    """An installation in which a name stands wherever a stranger may put one."""
    clean = name.replace("\x00", "")
    await desk.write("tel:+447700900123", name=clean, text=clean)
    await desk.keep("tel:+447700900123", text=clean, name=clean)
    for statement in (
        "update channel set name = %s",
        "update channel set address = %s",
        "update arrival set state = 'parked', reason = 'conflict', explanation = %s where arrival_id > 1",
        "insert into correction (workspace_id, kind, handle, handles, from_id, author, before)"
        " select workspace_id, 'share', %s, array['tel:+1'], 'c1', 'Ann', '{}' from workspace",
        "update handle set name = %s",
        "update link set doubt = %s",
        "insert into merge (workspace_id, from_id, into_id, way, author, state) "
        "select workspace_id, 'c1', 'c2', 'merge', %s, 'cancelled' from workspace",
    ):
        async with desk.database.connection() as connection:
            await connection.execute(statement, [clean])
    yield desk.leadline.settings


async def test_every_listing_shows_them_as_text(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(out, "width", 4000)
    async with planted(desk, " ".join(NAMES)) as settings:
        for command in COMMANDS:
            for arguments in (command, (*command, "--json")):
                code, said = await run(settings, *arguments)
                assert code in (0, 1), said
                assert all(line.isprintable() for line in said.split("\n")), (arguments, said)
                assert "[/boom]" in said, (arguments, said)
        _, said = await run(settings, "channel", "list")
        assert sum(line[:1] != " " for line in said.rstrip().split("\n")) == 1 + len(desk.channels), said


async def test_the_preview_of_a_merge_shows_them_as_text(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(out, "width", 4000)
    source, target = await desk.pair(name=" ".join(NAMES).replace("\x00", ""))
    for more in (["--dry-run"], ["--dry-run", "--json"], []):
        _, said = await run(desk.leadline.settings, "merge", source, target, *more, stdin="n\n")
        assert "[/boom]" in said, said
        assert all(line.isprintable() for line in said.split("\n")), said


def test_four_files_write_to_the_terminal_and_all_others_hand_them_their_texts() -> None:
    writers = {"print", "typer.echo", "typer.secho", "typer.confirm", "sys.stdout.write", "sys.stderr.write"}
    found = {
        (path.name, ast.unparse(call.func))
        for path in sorted((ROOT / "src" / "leadline" / "cli").glob("*.py"))
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func) in writers
    }
    assert found == {
        ("commands.py", "print"),  # the version
        ("console.py", "sys.stdout.write"),
        ("terminal.py", "sys.stdout.write"),
        ("asking.py", "typer.confirm"),
        ("terminal.py", "sys.stderr.write"),
    }

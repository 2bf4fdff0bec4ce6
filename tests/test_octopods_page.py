"""The page for people who come from Octopods: every row has a verdict, and what it claims is held by a test."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from pathlib import Path

import pytest

from leadline.identity.claims import LEFT
from leadline.people.imports.octopods import MARK
from tests.api.test_howto import typed
from tests.conftest import ROOT
from tests.people.conftest import Desk
from tests.people.conftest import desk as desk
from tests.people.conftest import open_desk as open_desk
from tests.people.conftest import open_house as open_house
from tests.people.imports.test_imports import attributes, links, octopods_contact
from tests.test_docs_commands import FENCED

PAGE = (ROOT / "docs/howto/move-from-octopods.md").read_text("utf-8")
TABLES = re.findall(r"^\| Octopods \| Leadline \| \|\n\| --- \| --- \| --- \|\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
ROWS = [row for table in TABLES for row in table.splitlines()]
VERDICT = re.compile(r"(?:same|better): `(?P<test>[\w/]+\.py::\w+)`|not offered: \w.{10,}")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


@lru_cache
def names_in(file: Path) -> frozenset[str]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in ast.parse(file.read_text("utf-8")).body if isinstance(node, kinds))


@pytest.mark.parametrize("row", ROWS)
def test_a_row_says_same_better_or_why_not_and_names_a_test_that_is_there(row: str) -> None:
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert len(cells) == 3
    assert all(cells)
    assert VERDICT.fullmatch(cells[2]), cells[2]
    for file, name in NAMED.findall(row):
        assert name in names_in(ROOT / file), f"{file} has no {name}"


def test_every_part_of_octopods_is_there() -> None:
    headings = re.findall(r"^## .*\(([\d, ]+)\)$", PAGE, re.MULTILINE)
    assert {int(number) for heading in headings for number in heading.split(", ")} == {*range(1, 21)}
    assert len(TABLES) == len(headings)


def test_everything_that_an_import_leaves_is_explained() -> None:
    section = PAGE.partition("### Links that Octopods left")[2]
    table = re.findall(r"^\| (?!---|left because)(.+?) \|", section, re.MULTILINE)
    told = " ".join(table)
    for code in LEFT.keys() - {"changed"}:
        assert any(word in told for word in WORDS[code]), code


WORDS = {
    "elsewhere": ["belongs to another contact"],
    "several": ["stands on several contacts"],
    "unreadable": ["is no address"],
    "no_channel": ["not connected here"],
    "no_account": ["before a first message"],
    "no_id": ["has a mark and no address"],
    "denied": ["denied"],
    "own_lead": ["denied"],
    "shared": ["shared"],
    "blocked": ["blocked"],
}
"""Code → how the page calls it."""


@pytest.mark.long
async def test_the_commands_of_the_page_do_what_it_says(desk: Desk, tmp_path: Path) -> None:
    section = PAGE.partition("### Links that Octopods left")[2]
    look, link, back = FENCED.findall(section)
    settings = desk.leadline.settings
    await attributes(desk, MARK, "telegram_user")
    held = {MARK: "Telegram", "telegram_user": "77"}
    bea = await desk.contact({"role": "lead", "custom_attributes": held})
    ann = await octopods_contact(desk, "WhatsApp", phone="+353861112223")
    assert "Nothing was changed." in await typed(settings, tmp_path, look)
    assert (tmp_path / "found.csv").read_text("utf-8").count("would be linked") == 2
    assert await links(desk) == {}
    assert "Undo: leadline import undo 2" in await typed(settings, tmp_path, link)
    assert {contact_id for contact_id, _ in (await links(desk)).values()} == {ann, bea}
    assert "Import 2 is taken back." in await typed(settings, tmp_path, back)
    assert await links(desk) == {}

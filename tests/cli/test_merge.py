"""`leadline merge` and `leadline merges`, as a person and as a script use them."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import structlog
from typer.testing import CliRunner

from leadline.cli.commands import app
from leadline.cli.logs import configure_logs
from leadline.errors import LeadlineError
from leadline.sandbox.seed import KNOWN_USER, LEAD_TWIN, NEWER_TWIN
from leadline.settings import Settings
from leadline.stage.town import TOKEN
from tests.cli.test_cli import Office
from tests.cli.test_cli import office as office
from tests.people.conftest import Desk
from tests.people.conftest import desk as desk
from tests.people.conftest import open_desk as open_desk
from tests.people.conftest import open_house as open_house


async def run(settings: Settings, *arguments: str, stdin: str = "", whole: bool = False) -> tuple[int, str]:
    """As in test_cli.py, without a process for each command: these are many. whole: with what it asks and complains."""
    values = {f"LEADLINE_{n.upper()}": getattr(settings, n) for n in settings.__struct_fields__}
    environ = {name: str(value) for name, value in values.items() if value not in ("", False)} | {"COLUMNS": "400"}
    configure_logs("quiet")
    try:
        done = await asyncio.to_thread(CliRunner().invoke, app, arguments, input=stdin, env=environ)
    finally:
        structlog.reset_defaults()
    if isinstance(done.exception, LeadlineError):
        return 1, f"leadline: {done.exception}\n"
    return done.exit_code, done.output if whole else done.stdout


async def test_a_merge_is_shown_made_listed_and_taken_back(office: Office) -> None:
    settings, places, _ = office
    code, said = await run(settings, "merge", "lead-2003", "aoife.byrne@example.com", "--dry-run")
    assert code == 0, said
    assert all(words in said for words in ("Liam M.", "Aoife Byrne", "lost", "Careful: ", "--way reroute")), said
    code, said = await run(settings, "merge", LEAD_TWIN, KNOWN_USER, stdin="n\n")
    assert code == 1, "a no is a no"
    assert (await run(settings, "merges", "list"))[1] == "There are no merges yet.\n"
    code, said = await run(settings, "merge", LEAD_TWIN, KNOWN_USER, stdin="y\n")
    assert code == 0, said
    assert "Undo: leadline merges undo 1" in said
    [row] = json.loads((await run(settings, "merges", "list", "--json"))[1])
    assert (row["merge_id"], row["state"], row["from_name"]) == (1, "merged", "Liam M.")
    assert row["author"].endswith("(command line)")
    code, said = await run(settings, "merges", "undo", "1", "--yes", "--json")
    undone = json.loads(said)
    assert (undone["state"], code) == ("undone", 0)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    url = f"{places.sandbox}/contacts/{undone['contact_id']}"
    async with aiohttp.ClientSession(headers=headers) as http, http.get(url) as answer:
        assert (await answer.json())["name"] == "Liam M."
    assert (await run(settings, "merges", "erase", "1", "--yes"))[1] == "Merge 1: the journal is deleted.\n"
    code, said = await run(settings, "merges", "show", "1")
    assert all(words in said for words in ("State: undone", "Journal deleted", KNOWN_USER)), said


async def test_a_wrong_argument_is_answered_with_what_to_do(office: Office) -> None:
    settings = office[0]
    for arguments, words in (
        (("merge", "+447700900123", KNOWN_USER), ("fits 3 contacts", NEWER_TWIN)),
        (("merge", "nobody@example.com", KNOWN_USER), ("No contact in Intercom fits", "link to a profile")),
        (("merge", KNOWN_USER, NEWER_TWIN), ("merges only leads into others",)),
        (("merge", LEAD_TWIN, KNOWN_USER, "--way", "fold"), ("--way cannot be fold", "promote")),
        (("merges", "undo", "12", "--yes"), ("no merge number 12",)),
    ):
        code, said = await run(settings, *arguments)
        assert (code, said.count("\n")) == (1, 1), said
        assert all(word in said for word in words), said


async def test_a_name_merges_only_whom_a_person_confirmed(desk: Desk) -> None:
    """The directory finds contacts by the beginnings of their names; what is done unasked takes no such guess."""
    source, target = await desk.pair(name="Zebedee Quill")
    await desk.leadline.directory.walk(desk.leadline.workspace)
    settings = desk.leadline.settings
    code, said = await run(settings, "merge", "zeb", target, "--yes")
    assert (code, source in said, "only by its name" in said) == (1, True, True), said
    code, said = await run(settings, "merge", "zeb", target, stdin="")
    assert (code, "--yes" in said) == (1, True), said
    assert (await run(settings, "merges", "list"))[1] == "There are no merges yet.\n"
    code, said = await run(settings, "merge", source, target, "--yes")
    assert (code, "Zebedee Quill" in said) == (0, True), said

"""`leadline duplicates`, as a person and as a script use it: found, looked at, merged, taken back, and written down."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import aiohttp
import msgspec
import pytest

from leadline.merging.duplicates.group_seen import GroupSeen, Member, PairSeen
from leadline.merging.duplicates.reports import as_csv, as_html
from leadline.model import Role
from leadline.sandbox.imports import import_contacts
from leadline.settings import Settings
from leadline.stage.town import TOKEN
from leadline.store.database import Database
from tests.cli.test_cli import Office
from tests.cli.test_cli import office as office
from tests.cli.test_merge import run

PEOPLE = [
    {"role": "user", "external_id": "u1", "name": "Fergal Hanratty", "phone": "+353 86 555 0101"},
    {"role": "lead", "external_id": "l1", "name": "Hanratty, Fergal", "phone": "086 555 0101"},
    {"role": "lead", "external_id": "l2", "name": "Fergal Hanratty", "phone": "+353865550101"},
    {"role": "user", "external_id": "u2", "name": "Una Tuite", "phone": "+353865550102"},
    {"role": "lead", "external_id": "l3", "name": "Una Tuite", "phone": "+353865550102"},
]


async def filled(office: Office, database_url: str) -> Settings:
    """An Irish workspace with these people alone."""
    async with Database.open(database_url) as sandbox:
        async with sandbox.connection() as connection:
            await connection.execute("delete from contact")  # the people of the demo
        await import_contacts(sandbox, PEOPLE)
    return msgspec.structs.replace(office[0], default_region="IE")


async def test_duplicates_are_found_looked_at_merged_and_taken_back(
    office: Office, database_url: str, tmp_path: Path
) -> None:
    settings = await filled(office, database_url)
    assert (await run(settings, "duplicates", "list"))[1].startswith("Nobody has looked yet")
    await run(settings, "directory", "fill")
    code, said = await run(settings, "duplicates", "scan")
    assert code == 0, said
    assert "Nothing was merged." in said
    listed = json.loads((await run(settings, "duplicates", "list", "--json"))[1])
    fergal = next(one for one in listed["groups"] if one["members"][0]["name"] == "Fergal Hanratty")
    code, said = await run(settings, "duplicates", "show", fergal["group_id"])
    assert all(words in said for words in ("same phone", "stays", "Merge Fergal Hanratty (lead) into")), said

    code, said = await run(settings, "duplicates", "merge")
    assert "would be made" in said, "a dry run is the default"
    assert json.loads((await run(settings, "duplicates", "batches", "--json"))[1]) == []
    folder = ("--report", str(tmp_path))
    assert (await run(settings, "duplicates", "merge", "--no-dry-run", *folder, stdin="n\n"))[0] == 1
    code, said = await run(settings, "duplicates", "merge", "--no-dry-run", *folder, stdin="y\n", whole=True)
    assert code == 0, said
    assert "Merge 3 contacts away for good: Una Tuite (lead) into Una Tuite (user); " in said
    assert "Batch 1 is done: 3 merged" in said
    assert {path.suffix for path in tmp_path.iterdir()} == {".csv", ".html", ".jsonl"}
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
    kept = [json.loads(line) for line in (tmp_path / "duplicates-batch-1.jsonl").read_text().splitlines()]
    assert {one["name"] for one in kept} == {one["name"] for one in PEOPLE}
    assert (await run(settings, "duplicates", "list", "--json"))[1].count("group_id") < len(listed["groups"])
    code, said = await run(settings, "duplicates", "undo", "1", "--yes", "--json")
    assert (code, json.loads(said)["batch"]["undone"]) == (0, 3)


async def test_users_are_merged_where_the_preview_api_is_switched_on_and_the_question_says_so(
    office: Office, database_url: str, tmp_path: Path
) -> None:
    settings = msgspec.structs.replace(await filled(office, database_url), intercom_preview=True)
    twin = {"role": "user", "external_id": "u3", "name": "Una Tuite", "phone": "+353865550102"}
    async with Database.open(database_url) as sandbox:
        await import_contacts(sandbox, [twin])
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as http:
        await http.put(f"{office[1].sandbox}/_sandbox/control", json={"preview": True})
    await run(settings, "directory", "fill")
    await run(settings, "duplicates", "scan", "--json")
    code, said = await run(settings, "duplicates", "merge")
    assert code == 0, said
    assert "(both are users: by Intercom's Preview API)" in said
    assert "4 merges would be made" in said
    asked = ("duplicates", "merge", "--no-dry-run", "--report", str(tmp_path))
    code, said = await run(settings, *asked, stdin="y\n", whole=True)
    assert code == 0, said
    assert "1 user among them: an undo brings a user back only as a lead." in said
    assert "Batch 1 is done: 4 merged" in said
    code, said = await run(settings, "duplicates", "undo", "1", "--yes")
    assert "It was a user, and comes back as a lead." in said


async def test_another_contact_than_the_proposed_one_stays_where_intercom_allows_it(
    office: Office, database_url: str, tmp_path: Path
) -> None:
    settings = await filled(office, database_url)
    more = [{"role": role, "external_id": f"x{role}", "name": "Gormla Tighe", "phone": "+353865550109"} for role in
            ("user", "lead")]  # fmt: skip
    more.append({"role": "user", "external_id": "y", "name": "Gormla Tighe", "phone": "+353865550109"})
    async with Database.open(database_url) as sandbox:
        await import_contacts(sandbox, more)
    await run(settings, "directory", "fill")
    await run(settings, "duplicates", "scan", "--json")
    listed = json.loads((await run(settings, "duplicates", "list", "--json"))[1])["groups"]
    members = next(one["members"] for one in listed if one["members"][0]["name"] == "Gormla Tighe")
    first, other = [one["contact_id"] for one in members if one["role"] == "user"]
    lead = next(one["contact_id"] for one in members if one["role"] == "lead")

    plan = json.loads((await run(settings, "duplicates", "merge", first, "--into", other, "--json"))[1])
    assert [(one["from_id"], one["into_id"], one["way"]) for one in plan[0]["steps"]] == [(lead, other, "merge")]
    assert plan[0]["users"] == [first]
    code, said = await run(settings, "duplicates", "merge", first, "--into", lead)
    assert (code, "never merges a user into a lead" in said) == (1, True)
    code, said = await run(settings, "duplicates", "merge", "--into", other)
    assert (code, "Name that group by one of its contacts" in said) == (1, True)
    asked = ("duplicates", "merge", first, "--into", other, "--no-dry-run", "--yes", "--json")
    code, said = await run(settings, *asked, "--report", str(tmp_path))
    assert (code, json.loads(said)["merges"][0]["into_id"]) == (0, other), said


async def test_ignored_and_put_off_groups_leave_the_list(office: Office, database_url: str) -> None:
    settings = await filled(office, database_url)
    await run(settings, "directory", "fill")
    await run(settings, "duplicates", "scan", "--json")
    found = json.loads((await run(settings, "duplicates", "list", "--json"))[1])["groups"]
    ids = {one["members"][0]["name"]: one["group_id"] for one in found}
    code, said = await run(settings, "duplicates", "unsure", ids["Fergal Hanratty"], "--json")
    assert (code, json.loads(said)) == (0, {"contact_id": ids["Fergal Hanratty"], "said": "unsure"})
    assert "not the same" in (await run(settings, "duplicates", "ignore", ids["Fergal Hanratty"]))[1]
    assert "Put off for 3 days" in (await run(settings, "duplicates", "later", ids["Una Tuite"], "--days", "3"))[1]
    left = json.loads((await run(settings, "duplicates", "list", "--json"))[1])["groups"]
    assert len(left) == len(found) - 2
    code, said = await run(settings, "duplicates", "show", "nobody")
    assert (code, "in no group of duplicates" in said) == (1, True)
    code, said = await run(settings, "duplicates", "auto", "--score", "12")
    assert (code, "With 50" in said) == (1, True)
    assert "Nothing is merged unattended." in (await run(settings, "duplicates", "auto"))[1]


GROUP = GroupSeen(
    group_id="a1",
    points=13.7,
    named=True,
    members=(
        Member(contact_id="a1", role=Role.USER, name="=cmd|' /C calc'!A0", phones=("+353865550101",), stays=True),
        Member(contact_id="a2", role=Role.LEAD, name="<script>alert(1)</script>", email="@sum.example"),
    ),
    pairs=(PairSeen(one_id="a1", other_id="a2", points=13.7, reasons="same phone +8.5, same rare name +5.2"),),
    steps=(),
)


def test_a_report_has_the_reasons_and_no_formula_or_markup_of_a_customer() -> None:
    rows = list(csv.DictReader(as_csv([GROUP]).splitlines()))
    assert [row["what"] for row in rows] == ["stays", "is merged"]
    assert {row["reasons"] for row in rows} == {"same phone +8.5, same rare name +5.2"}
    assert not any(value[:1] in "=+-@" for row in rows for value in row.values() if value)
    page = as_html([GROUP], "Duplicates")
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "same phone +8.5" in page


@pytest.mark.parametrize(
    "name",
    ["=1+1", " =1+1", "\t=1+1", "\n=1+1", "\u00a0=1+1", "\u200b@sum", "＝1+1", "＋1", "－1", "＠sum", "\x00-1", "\rx"],
)
def test_no_cell_of_a_report_is_a_formula_however_it_begins(name: str) -> None:
    group = msgspec.structs.replace(GROUP, members=(msgspec.structs.replace(GROUP.members[1], name=name),))
    [row] = csv.DictReader(io.StringIO(as_csv([group]), newline=""))
    assert row["name"] == f"'{name}"


@pytest.mark.parametrize("name", ["Ana = Maria", "O'Neill", "1+1", "", "Zoë"])
def test_an_ordinary_cell_stays_as_it_is(name: str) -> None:
    group = msgspec.structs.replace(GROUP, members=(msgspec.structs.replace(GROUP.members[1], name=name),))
    [row] = csv.DictReader(io.StringIO(as_csv([group]), newline=""))
    assert row["name"] == name


def test_one_group_is_one_group() -> None:
    assert "<p>1 group.</p>" in as_html([GROUP], "Duplicates")


WRONG_NUMBERS = [
    ("list", "--min-score", "nan"),
    ("list", "--min-score", "inf"),
    ("list", "--count", "-1"),
    ("list", "--count", "0"),
    ("scan", "--min-score", "-inf"),
    ("merge", "--min-score", "1e9"),
    ("merge", "--count", "-1"),
    ("report", "groups.csv", "--min-score", "nan"),
    ("report", "groups.csv", "--count", "-1"),
    ("batches", "--count", "-1"),
    ("later", "x", "--days", "99999999999"),
    ("auto", "--score", "-5"),
]


async def test_a_number_that_is_none_is_refused(office: Office) -> None:
    for words in WRONG_NUMBERS:
        code, said = await run(office[0], "duplicates", *words)
        assert code == 2 or (code == 1 and "A score is a number of points up to 1,000" in said), words


@pytest.mark.parametrize("name", ["groups.txt", "groups"])
async def test_a_report_of_another_kind_is_refused(office: Office, name: str) -> None:
    code, said = await run(office[0], "duplicates", "report", name)
    assert (code, "is .csv or .html" in said) == (1, True)

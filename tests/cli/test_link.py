"""`leadline link`, `explain` and `replay` as real processes over what a desk has decided."""

from __future__ import annotations

import json

import msgspec

from tests.cli.test_cli import run
from tests.people.conftest import WORKSPACE, Desk
from tests.people.conftest import desk as desk
from tests.people.conftest import open_desk as open_desk
from tests.people.conftest import open_house as open_house

TIE = "tel:+447700900123"
LATEST, USER = "65a0000000000000000000b3", "65a0000000000000000000b2"


async def test_a_tie_is_explained_replayed_corrected_and_put_back(desk: Desk) -> None:
    settings = desk.leadline.settings
    assert await desk.write(TIE) == LATEST

    code, told = await run(settings, "explain", "1")
    assert code == 0, told
    assert f"With policy prefer_user: Liam Murphy (work), user {USER}" in told
    assert "With policy ask: a new lead" in told

    code, told = await run(settings, "replay", "--policy", "prefer_user", "--since", "7d", "--dry-run", "--json")
    assert code == 0, told
    assert [(row["was"], row["would"]) for row in json.loads(told)] == [(LATEST, USER)]
    assert await desk.owner(TIE) == LATEST

    code, told = await run(settings, "replay", "--policy", "prefer_user")
    assert (code, "1 sender linked, 0 left" in told) == (0, True), told
    assert await desk.owner(TIE) == USER

    code, told = await run(settings, "link", "corrections", "--json")
    [made] = json.loads(told)
    assert (made["kind"], made["from_id"], made["into_id"], made["author"]) == ("attach", LATEST, USER, "replay")
    code, told = await run(settings, "link", "undo", str(made["correction_id"]))
    assert (code, LATEST in told) == (0, True), told
    assert await desk.owner(TIE) == LATEST

    at_home = msgspec.structs.replace(settings, default_region="GB")
    code, told = await run(at_home, "link", "list", "07700 900123", "--json")
    assert [row["contact_id"] for row in json.loads(told)] == [LATEST]

    code, told = await run(settings, "link", "detach", "+44 7700 900123", "--author", "Ann")
    assert (code, "creates a new lead" in told) == (0, True), told
    code, told = await run(settings, "link", "list")
    assert (code, told.strip()) == (0, "No sender is linked yet.")
    code, told = await run(settings, "link", "detach", "+447700900123")
    assert (code, "linked to no contact" in told) == (1, True), told


async def test_where_every_policy_agrees_it_is_said_once(desk: Desk) -> None:
    await desk.write("tel:+353861999888")
    code, told = await run(desk.leadline.settings, "explain", "1")
    assert (code, told.count("With any other policy: a new lead"), "With policy" in told) == (0, 1, False), told


async def test_a_wrong_option_is_answered_in_one_line(desk: Desk) -> None:
    for arguments, answer in (
        (("replay", "--policy", "newest"), "is not a policy"),
        (("replay", "--policy", "ask", "--since", "yesterday"), "not a time span"),
    ):
        code, told = await run(desk.leadline.settings, *arguments)
        assert code == 1
        assert answer in told
        assert "Traceback" not in told


async def test_corrections_are_shown_by_reason_and_why_a_contact_was_left_out(desk: Desk) -> None:
    settings = desk.leadline.settings
    assert await desk.write(TIE) == LATEST
    await desk.leadline.corrections.detach(WORKSPACE, TIE, author="Ann")
    code, told = await run(settings, "quality", "--json")
    assert code == 0, told
    assert json.loads(told) == [
        {"reason": "tie_latest_updated", "decisions": 1, "corrected": 1, "confirmed": 0, "share": 1.0}
    ]
    code, told = await run(settings, "quality")
    assert (code, "Together: 1 decision, 1 corrected." in told) == (0, True), told
    code, told = await run(settings, "explain", "1", "--why-not", USER)
    assert code == 0, told
    assert "Liam Murphy (work) is a user in Intercom." in told
    assert "the contact that was updated last was taken" in told
    code, told = await run(settings, "explain", "1")
    assert (code, "app.intercom.com" in told) == (0, False), "the sandbox has no pages at Intercom"
    code, told = await run(settings, "explain", "7", "--why-not", USER)
    assert (code, "No message has the number" in told) == (1, True), told

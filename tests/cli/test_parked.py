"""`leadline parked` and `explain`: whose each thing is, every kind of it, and retries of whole sets in order."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.test_merge import run
from tests.people.conftest import Desk
from tests.people.conftest import desk as desk
from tests.people.conftest import open_desk as open_desk
from tests.people.conftest import open_house as open_house

TARGET = {"workspace_id": "sandbox", "channel_id": 1, "handle": "tel:+353888888999", "sender": "+353888888999"}
REPLY = {"part_id": "p1", "author_name": "Maeve Teammate", "text": "We are looking into it"}
# What is parked of every kind, and the words by which a person knows whose it is.
STUCK: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "message": (
        {"provider_id": "m1", "sender": "+447700900123", "handles": [], "text": "Hello", "profile": {"name": "Liam"}},
        ("Liam", "+44 7700 900123", "Hello"),
    ),
    "notification": (
        {"id": "n1", "topic": "t", "app_id": "sandbox", "created_at": 1, "conversation_id": "c7", "replies": [REPLY]},
        ("Maeve Teammate", "We are looking into it", "+353 88 888 8999", "Conversation: c7"),
    ),
    "begun": (
        {"target": TARGET | {"conversation_id": "c7"}, "part_id": "b", "text": "Your order", "author": "Ann"},
        ("Ann", "Your order", "+353 88 888 8999", "Conversation: c7"),
    ),
    "status": (
        {"state": "failed", "outbound_id": "o1"},
        ("+353 88 888 8999", "Conversation: c7"),
    ),
    "consent": ({"provider_id": "k", "handles": [], "state": "out", "sender": "+353888888999"}, ("+353 88 888 8999",)),
    "merge": ({"merge_id": 3, "undo": False}, ("Merge",)),
    "unreadable": ({"url": "https://h/in/…"}, ("could not be read",)),
}


@pytest.fixture
async def stuck(desk: Desk) -> Desk:
    """A desk where one thing of every kind is parked."""
    async with desk.database.connection() as connection:
        await connection.execute(
            "insert into conversation (workspace_id, conversation_id, channel_id, handle, contact_id, sender)"
            " values ('sandbox', 'c7', 1, 'tel:+353888888999', 'x', '+353888888999')"
        )
        await connection.execute(
            "insert into outbound (workspace_id, outbound_id, conversation_id, part_id, piece, channel_id, message,"
            " state) values ('sandbox', 'o1', 'c7', 'p', 0, 1, '{\"to\": \"+353888888999\"}', 'sent')"
        )
        for kind, (content, _) in STUCK.items():
            await connection.execute(
                "insert into arrival (workspace_id, raw_id, channel_id, source, dedupe, kind, lane, content, state,"
                " reason, explanation) values ('sandbox', gen_random_uuid(), %s, 'test', %s, %s, 'a', %s, 'parked',"
                " %s, 'It must not be guessed')",
                [None if kind in ("notification", "merge") else 1, kind, kind, json.dumps(content), f"why_{kind}"],
            )
    return desk


async def test_what_is_parked_says_whose_it_is_and_explain_takes_every_number(stuck: Desk) -> None:
    settings = stuck.leadline.settings
    code, said = await run(settings, "parked", "list", "--json")
    rows = {row["kind"]: row for row in json.loads(said)}
    assert rows.keys() == STUCK.keys()
    for kind, (_, words) in STUCK.items():
        if kind not in ("notification", "merge"):
            assert rows[kind]["channel"] == "sms"
        code, said = await run(settings, "explain", str(rows[kind]["number"]))
        assert code == 0, said
        assert all(word in said for word in words), (kind, said)
        assert "It must not be guessed" in said
        code, said = await run(settings, "explain", str(rows[kind]["number"]), "--json")
        assert (code, json.loads(said) != {}) == (0, True)


async def test_a_list_that_is_cut_says_how_much_is_left(stuck: Desk) -> None:
    _, said = await run(stuck.leadline.settings, "parked", "list", "--count", "2")
    assert said.splitlines()[-1] == f"There are {len(STUCK) - 2} more. Use --count to see them."


async def test_whole_sets_are_tried_again_and_nothing_is_guessed(stuck: Desk) -> None:
    settings = stuck.leadline.settings
    for wrong in ([], ["1", "--all"], ["--all", "--reason", "x"]):
        code, said = await run(settings, "parked", "retry", *wrong)
        assert (code, "Say which" in said) == (1, True), said
    assert (await run(settings, "parked", "retry", "--reason", "why_merge"))[1] == "Trying 1 again now.\n"
    assert (await run(settings, "parked", "retry", "--channel", "whatsapp"))[1] == "Nothing is parked that fits.\n"
    assert (await run(settings, "parked", "retry", "--channel", "sms"))[1] == "Trying 5 again now.\n"
    assert (await run(settings, "parked", "retry", "--all"))[1] == "Trying 1 again now.\n"


async def test_a_senders_messages_are_tried_in_order_and_later_ones_wait_behind(desk: Desk) -> None:
    for text in ("one", "two", "three"):
        await desk.keep("tel:+447700900123", text=text)
    await desk.rows(
        "update arrival set state = 'parked', reason = 'outage' where content ->> 'text' <> 'three' returning 1"
    )
    assert (await run(desk.leadline.settings, "parked", "retry", "--all"))[1] == "Trying 2 again now.\n"
    await desk.drain()
    [contact] = {row["contact_id"] for row in await desk.rows("select contact_id from decision")}
    assert await desk.threads(contact) == [["one", "two", "three"]]


async def test_a_number_that_is_not_parked_is_named_and_dropping_asks(stuck: Desk) -> None:
    settings = stuck.leadline.settings
    code, said = await run(settings, "parked", "retry", "99")
    assert (code, said) == (1, "leadline: 99 is not the number of a message: `leadline parked list`\n")
    code, said = await run(settings, "parked", "drop", "1", stdin="n\n")
    assert code == 1
    code, said = await run(settings, "parked", "drop", "1", "2", "99", "--yes", "--json")
    assert (code, "99 is not the number" in said) == (1, True)
    code, said = await run(settings, "parked", "retry", "1")
    assert (code, "1 was given up before" in said) == (1, True), said
    code, said = await run(settings, "parked", "retry", "3", "--json")
    assert (code, json.loads(said)) == (0, {"retried": 1, "left": {}})

"""Replies whose webhook never came: found once each, whatever else the webhooks do."""

from __future__ import annotations

import json
from typing import Any, LiteralString

import pytest

from leadline.conversations.reconciliation import Look
from leadline.engine.breaker import INTERCOM
from leadline.errors import LeadlineError, Retry
from leadline.intercom import conversation_changes
from leadline.intercom.conversation_changes import changed_since
from leadline.store.queries import queries
from tests.acceptance.conftest import Open
from tests.acceptance.conftest import open_town as open_town
from tests.acceptance.town import Town, until
from tests.cli.test_cli import run
from tests.outbound.test_reply import ANN, conversation_of, on_the_phone

DEAF = {"webhook_url": "http://127.0.0.1:9/nobody"}
"""Intercom's webhooks go where nobody listens."""


async def look(town: Town, **options: Any) -> Look:
    found = await town.leadline.reconciliation.look(town.leadline.workspace, **options)
    assert found is not None
    return found


async def deaf(town: Town) -> str:
    """A conversation whose webhooks are lost from now on."""
    await look(town)
    conversation = await conversation_of(town, "sms")
    await town.intercom("PUT", "/_sandbox/control", DEAF)
    return conversation


async def arrived(town: Town) -> int:
    async with town.leadline.database.connection() as connection:
        row = await (
            await connection.execute("select count(*) as n from arrival where kind = 'notification'")
        ).fetchone()
    assert row
    return int(row["n"])


async def test_a_reply_without_a_webhook_is_found_and_sent_once(open_town: Open) -> None:
    async with open_town(reconcile_every=0.0) as town:
        conversation = await deaf(town)
        await town.teammate("reply", conversation, "Did you get this?")
        await town.teammate("note", conversation, "Only for us")
        [missed] = (await look(town)).missed
        assert (missed.conversation_id, missed.text) == (conversation, "Did you get this?")
        [delivery] = await on_the_phone(town)
        assert delivery.text == "Did you get this?"
        assert (await look(town)).missed == ()
        assert (await look(town, since=0.0)).missed == ()
        assert await arrived(town) == 1


async def test_a_webhook_that_comes_after_the_look_changes_nothing(open_town: Open) -> None:
    async with open_town(reconcile_every=0.0) as town:
        conversation = await deaf(town)
        await town.teammate("reply", conversation, "Hello back")
        assert len((await look(town)).missed) == 1
        await on_the_phone(town)
        await town.intercom("PUT", "/_sandbox/control", {"webhook_url": None})
        [webhook] = (await town.intercom("GET", "/_sandbox/webhooks?topic=conversation.admin.replied"))["webhooks"]
        await town.intercom("POST", f"/_sandbox/webhooks/{webhook['notification_id']}/redeliver", {"times": 2})
        await town.at_rest()
        assert len(town.providers.phones.received()) == 1
        assert await arrived(town) == 1


async def test_a_look_after_the_webhook_finds_nothing(open_town: Open) -> None:
    async with open_town(reconcile_every=0.0) as town:
        await look(town)
        conversation = await conversation_of(town, "sms")
        await town.teammate("reply", conversation, "Hello back")
        await on_the_phone(town)
        found = await look(town)
        assert (found.changed, found.missed) == (1, ())


async def test_a_dry_run_tells_and_keeps_nothing(open_town: Open) -> None:
    async with open_town(reconcile_every=0.0) as town:
        conversation = await deaf(town)
        await town.teammate("reply", conversation, "Did you get this?")
        for _ in range(2):
            assert len((await look(town, dry_run=True)).missed) == 1
        assert await arrived(town) == 0


async def test_it_looks_again_as_soon_as_intercom_is_back(open_town: Open) -> None:
    async with open_town(reconcile_every=600.0) as town:
        conversation = await conversation_of(town, "sms")
        await town.intercom("PUT", "/_sandbox/control", DEAF)
        await town.teammate("reply", conversation, "Did you get this?")
        town.leadline.connections.breakers.of("sandbox", INTERCOM).open(Retry("intercom_unavailable", "It is away"))
        [delivery] = await on_the_phone(town)
        assert delivery.text == "Did you get this?"


async def test_a_look_that_breaks_off_begins_there_again(open_town: Open) -> None:
    async with open_town(reconcile_every=0.0) as town:
        conversation = await deaf(town)
        await town.teammate("reply", conversation, "Did you get this?")
        fault = {"method": "GET", "path": f"/conversations/{conversation}", "status": 503}
        await town.intercom("POST", "/_sandbox/faults", fault)
        with pytest.raises(LeadlineError):
            await look(town)
        async with town.leadline.database.connection() as connection:
            row = await queries.reconciliation_of(connection, workspace_id="sandbox")
        assert "503" in row["trouble"]
        assert len((await look(town)).missed) == 1


async def test_conversations_that_were_deleted_or_merged_away_are_noticed(open_town: Open) -> None:
    async with open_town(reconcile_every=0.0) as town:
        conversation = await deaf(town)
        await town.sms_in("+447700900123", "Me too", 2)

        async def both() -> bool:
            return len(await town.threads()) == 2

        await until(both)
        [other] = {*await town.threads()} - {conversation}
        await town.intercom("DELETE", f"/conversations/{other}")
        [lead] = await town.people_with(ANN)
        [user] = await town.people_with("+353888888999")
        merge = {"from": lead["id"], "into": user["id"], "skip_duplicate_validation": True}
        await town.intercom("POST", "/contacts/merge", merge)
        await town.intercom("PUT", f"/conversations/{conversation}", {"read": True})
        assert (await look(town)).deleted == 1
        async with town.leadline.database.connection() as connection:
            rows = await (await connection.execute("select * from conversation")).fetchall()
        found = {row["conversation_id"]: (row["contact_id"], row["ended_at"] is None) for row in rows}
        assert found[conversation] == (user["id"], True)
        assert found[other][1] is False


@pytest.mark.parametrize(
    "change", ["update reconciliation set position = position - 100000", "update reconciliation set database_oid = 1"]
)
async def test_what_is_long_ago_or_before_a_restore_is_left_to_a_person(open_town: Open, change: LiteralString) -> None:
    async with open_town(reconcile_every=0.0) as town:
        conversation = await deaf(town)
        await town.teammate("reply", conversation, "Sent before the restore?")
        async with town.leadline.database.connection() as connection:
            await connection.execute(change)
        assert (await look(town)).missed == ()
        assert "leadline reconcile --since" in await doctor(town)
        assert len((await look(town, since=0.0, dry_run=True)).missed) == 1
        assert "leadline reconcile --since" in await doctor(town)
        assert len((await look(town, since=0.0)).missed) == 1
        assert "1 found so far" in await doctor(town)
        assert "leadline reconcile --since" not in await doctor(town)


async def doctor(town: Town) -> str:
    """What `leadline doctor` says of replies."""
    _, said = await run(town.settings, "doctor", "--json")
    return next(str(each["what"]) for each in json.loads(said) if each["part"] == "replies")


async def test_the_command_shows_what_was_missed_and_then_has_it_sent(open_town: Open) -> None:
    async with open_town(reconcile_every=0.0) as town:
        conversation = await deaf(town)
        await town.teammate("reply", conversation, "Did you get this?")
        code, said = await run(town.settings, "reconcile", "--since", "2d", "--dry-run", "--json")
        [row] = json.loads(said)
        assert (code, row["conversation_id"], row["text"]) == (0, conversation, "Did you get this?")
        code, said = await run(town.settings, "reconcile")
        assert (code, "The worker sends 1 reply now" in said) == (0, True)
        [delivery] = await on_the_phone(town)
        assert delivery.text == "Did you get this?"
        code, said = await run(town.settings, "reconcile")
        assert (code, "No reply was missed" in said) == (0, True)


async def test_every_changed_conversation_is_read_whatever_the_page_size(
    open_town: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation_changes, "PAGE", 2)
    async with open_town(reconcile_every=0.0) as town:
        await look(town)
        for number in range(5):
            await town.sms_in(f"+35386123456{number}", "Hello", number)

        async def there() -> bool:
            return len(await town.threads()) == 5

        await until(there)
        await town.intercom("PUT", "/_sandbox/control", DEAF)
        for conversation in await town.threads():
            await town.teammate("reply", conversation, f"for {conversation}")
        assert len((await look(town)).missed) == 5
        assert len(await on_the_phone(town, 5)) == 5
        client = town.leadline.workspace.client
        assert [len(page) async for page in changed_since(client, await client.time() + 60)] == [0]

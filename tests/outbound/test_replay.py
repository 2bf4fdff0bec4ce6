"""Webhooks of Intercom that come again: at once, at several doors, days later, and after a restore from a backup."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from types import SimpleNamespace
from typing import Any

import pytest

from leadline.engine import parked
from leadline.outbound import notifications
from leadline.stage.town import CLIENT_SECRET
from tests.acceptance.conftest import Open
from tests.acceptance.town import Town, until
from tests.outbound.test_reply import conversation_of, on_the_phone

DAY = 86_400


async def posted(town: Town, conversation: str, text: str, *, age: float = 0.0, part: str = "7001") -> None:
    """A signed webhook about a teammate's reply that was written so many seconds ago."""
    written = int(time.time() - age)
    reply = {
        "type": "conversation_part",
        "id": part,
        "part_type": "comment",
        "body": text,
        "created_at": written,
        "author": {"type": "admin", "id": "7", "name": "Ann"},
    }
    item = {"type": "conversation", "id": conversation, "conversation_parts": {"conversation_parts": [reply]}}
    hook = {"type": "notification_event", "app_id": "sandbox", "topic": "conversation.admin.replied"}
    body = json.dumps(hook | {"id": f"notif_{part}", "created_at": written, "data": {"item": item}}).encode()
    signature = "sha1=" + hmac.new(CLIENT_SECRET.encode(), body, hashlib.sha1).hexdigest()
    headers = {"X-Hub-Signature": signature}
    async with town.http.post(f"{town.places.leadline}/intercom/webhook", data=body, headers=headers) as answer:
        assert answer.status == 200


async def left(town: Town) -> list[dict[str, Any]]:
    return await parked.parked(town.leadline.database, "sandbox")


async def test_one_webhook_that_comes_often_at_once_is_one_message(open_town: Open) -> None:
    async with open_town() as town:
        conversation = await conversation_of(town, "sms")
        await asyncio.gather(*(posted(town, conversation, "Hello back") for _ in range(10)))
        await on_the_phone(town)
        await posted(town, conversation, "Hello back", age=1)
        await town.at_rest()
        assert [each.text for each in await on_the_phone(town)] == ["Hello back"]


async def forget(town: Town) -> None:
    """All that was kept of replies is purged, as it is after the days of the setting."""
    async with town.leadline.database.connection() as connection:
        await connection.execute("delete from arrival where kind = 'notification'")
        await connection.execute("delete from outbound")


async def restore(town: Town) -> None:
    """The database is an hour old and knows nothing of what came since."""
    async with town.leadline.database.connection() as connection:
        await connection.execute(
            "insert into backup (workspace_id, began_at, restored_at)"
            " values ('sandbox', now() - interval '1 hour', now() - interval '1 minute')"
        )
    await forget(town)


@pytest.mark.parametrize(("lost", "age"), [(forget, 3 * DAY), (restore, 1800)])
async def test_a_reply_that_may_have_been_sent_before_its_record_went_waits_for_a_person(
    open_town: Open, lost: Any, age: float
) -> None:
    async with open_town() as town:
        conversation = await conversation_of(town, "sms")
        await posted(town, conversation, "Sent already", age=5)
        await on_the_phone(town)
        await lost(town)
        town.leadline.notifications._gaps._known.clear()
        await posted(town, conversation, "Sent already", age=age)

        async def waits() -> list[dict[str, Any]]:
            return await left(town)

        [row] = await until(waits)
        assert (row["reason"], row["text"], row["teammate"]) == ("old_reply", "Sent already", "Ann")
        await posted(town, conversation, "New", part="7002")
        await on_the_phone(town, 2)
        assert [each.text for each in await on_the_phone(town, 2)] == ["Sent already", "New"]
        await parked.retry(town.leadline.database, "sandbox", ids=[row["arrival_id"]])
        assert [each.text for each in await on_the_phone(town, 3)][2:] == ["Sent already"]


async def test_an_old_webhook_of_a_conversation_that_is_not_leadlines_asks_nobody(open_town: Open) -> None:
    async with open_town() as town:
        await posted(town, "999999", "Not ours", age=3 * DAY)
        await town.at_rest()
        assert await left(town) == []


async def test_a_new_reply_goes_out_although_the_doors_clock_is_days_ahead(
    open_town: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_town() as town:
        conversation = await conversation_of(town, "sms")
        ahead = SimpleNamespace(time=lambda: time.time() + 3 * DAY)
        monkeypatch.setattr(notifications, "time", ahead)  # this clock alone: the sandbox has its own
        await posted(town, conversation, "New", age=5)
        assert [each.text for each in await on_the_phone(town)] == ["New"]
        assert await left(town) == []

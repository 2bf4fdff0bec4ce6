"""Towns, and systems that are told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from standardwebhooks import Webhook as Checker

from leadline.store.database import Database
from leadline.store.opened import vault_of
from leadline.webhooks import NewWebhook, Webhooks
from tests.acceptance.conftest import open_town as open_town
from tests.acceptance.town import Town
from tests.alerts.test_alerts import Receiver, receiving

LOCAL = frozenset({"127.0.0.1"})


@pytest.fixture
async def shop() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


async def execute(store: Database, statement: str) -> None:
    async with store.connection() as connection:
        await connection.execute(statement.encode())


async def rows(store: Database, question: str) -> list[dict[str, Any]]:
    async with store.connection() as connection:
        return [row async for row in await connection.execute(question.encode())]


async def subscribe(
    town: Town, store: Database, shop: Receiver, *events: str, workspace_id: str = "sandbox", with_text: bool = False
) -> str:
    """Have a receiver told; returns the secret."""
    webhooks = Webhooks(store, vault_of(town.settings), workspace_id, allowed=LOCAL)
    new = NewWebhook(name=f"shop {shop.place}", address=f"{shop.place}/hook", events=events, with_text=with_text)
    return await webhooks.add(new)


def told(shop: Receiver, secret: str) -> list[dict[str, Any]]:
    """What a receiver got, each checked as any receiver would check it."""
    checker = Checker(secret)
    for body, headers in shop.got:
        assert checker.verify(body, headers)["id"] == headers["webhook-id"]
    return [msgspec.json.decode(body) for body, _ in shop.got]

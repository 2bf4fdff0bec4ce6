"""An admin has another system told, sees what became of each event, pauses, replays and removes; nobody below may."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect
from standardwebhooks import Webhook as Checker

from leadline.console.rights import Role
from leadline.stage.town import Demo
from leadline.store.opened import vault_of
from leadline.webhooks import NewWebhook, Webhooks
from tests.acceptance.town import until
from tests.alerts.test_alerts import Receiver, receiving
from tests.console.acting import session_of, signed_in
from tests.console.shell.test_permissions import greet, opened

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def shop() -> AsyncIterator[Receiver]:
    """In the loop of the browser."""
    async with receiving() as receiver:
        yield receiver


def webhooks_of(demo: Demo) -> Webhooks:
    vault, workspace_id = vault_of(demo.leadline.settings), demo.leadline.workspace.workspace_id
    return Webhooks(demo.leadline.database, vault, workspace_id, allowed=frozenset({"127.0.0.1"}))


@pytest.mark.long
async def test_a_system_is_told_paused_told_again_and_removed(demo: Demo, browser: Browser, shop: Receiver) -> None:
    async with signed_in(demo, browser, Role.ADMIN) as page:
        await page.goto("/console/webhooks")
        await expect(page.get_by_test_id("webhooks")).to_contain_text("No other system is told yet")
        await page.get_by_test_id("new-name").fill("Web shop")
        await page.get_by_test_id("new-address").fill("http://elsewhere.example.com/hook")
        await page.get_by_test_id("add").click()
        await expect(page.get_by_text("Webhooks go over https://")).to_be_visible()
        await page.get_by_role("button", name="Close").click()
        await page.get_by_test_id("new-address").fill(f"{shop.place}/hook")
        await page.get_by_test_id("event-message.received").check()
        await page.get_by_test_id("add").click()
        secret = await page.get_by_test_id("secret-value").text_content() or ""
        await page.get_by_test_id("webhooks").get_by_test_id("open").click()
        await expect(page.get_by_test_id("standing")).to_contain_text("Told of message.received")
        assert await page.get_by_text(secret).count() == 0, "it was shown once"

        await page.get_by_test_id("test").click()
        await until(lambda: _got(shop, 1))
        assert Checker(secret).verify(*shop.got[0])["type"] == "webhook.test"

        shop.status = 503
        await demo.writes(demo.channels["telegram"], "55507", "Are you open?", name="Nia")
        delivery = page.get_by_test_id("delivery")
        await expect(delivery).to_contain_text("it answered 503")
        await expect(delivery.get_by_test_id("delivery-state")).to_have_text("is tried again")
        await expect(delivery).to_contain_text("next try")
        await expect(page.get_by_test_id("standing").get_by_test_id("state")).to_have_text("does not take events")

        await page.get_by_test_id("pause").click()
        await page.get_by_test_id("confirm").click()
        await expect(delivery.get_by_test_id("delivery-state")).to_have_text("paused")
        shop.status = 204
        tried = len(shop.got)
        async with demo.leadline.database.connection() as connection:
            await connection.execute("update webhook_event set due_at = now()")
        await demo.leadline.webhooks.round(demo.leadline.workspace.workspace_id)
        assert len(shop.got) == tried, "nothing goes out while it is paused"
        await page.get_by_test_id("resume").click()
        await expect(delivery.get_by_test_id("delivery-state")).to_have_text("taken")

        sent = len(shop.got)
        await delivery.get_by_test_id("replay").click()
        await until(lambda: _got(shop, sent + 1))
        assert shop.got[-1][1]["webhook-id"] == shop.got[-2][1]["webhook-id"], "the same event"

        await page.get_by_test_id("rotate").click()
        await page.get_by_test_id("confirm").click()
        await expect(page.get_by_test_id("secret-value")).not_to_have_text(secret)
        newer = await page.get_by_test_id("secret-value").text_content() or ""
        await page.get_by_test_id("test").click()
        await until(lambda: _got(shop, sent + 2))
        for each in (secret, newer):
            assert Checker(each).verify(*shop.got[-1])["type"] == "webhook.test", "both sign for a while"

        await page.get_by_test_id("remove").click()
        await page.get_by_test_id("confirm").click()
        await expect(page.get_by_test_id("webhooks")).to_contain_text("No other system is told yet")
    acts = await _acts(demo)
    for act in ("added", "paused", "resumed", "replayed", "rotated", "removed"):
        assert f"webhook.{act}" in acts


async def test_what_was_given_up_is_sent_again_by_one_press(demo: Demo, browser: Browser, shop: Receiver) -> None:
    await webhooks_of(demo).add(NewWebhook(name="Late", address=f"{shop.place}/hook", events=["message.received"]))
    shop.status = 500
    await demo.writes(demo.channels["telegram"], "55508", "Hello", name="Nia")
    await until(lambda: _got(shop, 1))
    async with demo.leadline.database.connection() as connection:
        await connection.execute("update webhook_event set given_up_at = now()")
    shop.status = 204
    async with signed_in(demo, browser, Role.ADMIN) as page:
        await page.goto("/console/webhooks")
        await expect(page.get_by_test_id("webhooks")).to_contain_text("1 event given up")
        await page.get_by_test_id("open").click()
        await expect(page.get_by_test_id("delivery-state")).to_have_text("given up")
        await page.get_by_test_id("replay-all").click()
        await expect(page.get_by_test_id("delivery-state")).to_have_text("taken")
    await webhooks_of(demo).remove("Late")


async def test_nobody_below_an_admin_sees_or_pauses_one_also_not_by_forged_events(demo: Demo, shop: Receiver) -> None:
    await webhooks_of(demo).add(NewWebhook(name="Ours", address=f"{shop.place}/hook"))
    [row] = await webhooks_of(demo).listed()
    path = f"/console/webhooks/{row['webhook_id']}"
    admin, agent = await session_of(demo.leadline, Role.ADMIN), await session_of(demo.leadline, Role.AGENT)
    async with opened(demo, admin, path) as theirs, opened(demo, agent, path) as mine:
        assert await greet(theirs, theirs.client_id)
        assert await greet(mine, mine.client_id)
        for name in ("test", "remove", "pause"):
            with pytest.raises(LookupError):
                mine.press(name)
        event = theirs.press("test")
        await mine.send(event)
        await mine.send(event | {"client_id": mine.client_id})
        assert shop.got == []
        await theirs.send(event)
        await until(lambda: _got(shop, 1))
    await webhooks_of(demo).remove("Ours")


async def _got(shop: Receiver, count: int) -> bool:
    return len(shop.got) >= count


async def _acts(demo: Demo) -> set[str]:
    async with demo.leadline.database.connection() as connection:
        rows = await connection.execute("select act from audit where source = 'console'")
        return {row["act"] async for row in rows}

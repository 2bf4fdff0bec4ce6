"""Doubts are confirmed and corrected, by mouse and by key; what somebody else decided meanwhile is noticed and said."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from leadline.console.rights import Role
from leadline.stage.town import Demo
from leadline.store.queries import queries
from tests.acceptance.town import until
from tests.console.acting import email_of, session_of, signed_in
from tests.console.shell.test_permissions import greet, opened

pytestmark = pytest.mark.asyncio(loop_scope="session")
TWINS = "+447700900123"
HANDLE = f"tel:{TWINS}"


async def doubt(demo: Demo, text: str = "Can I change my booking?") -> None:
    """Several contacts have this number, so whoever is chosen is in doubt, also when it was decided before."""
    await demo.writes(demo.channels["whatsapp_cloud"], TWINS, text)
    assert await until(lambda: linked(demo))
    async with demo.leadline.database.connection() as connection:
        await connection.execute(
            "update link set doubt = 'tie_latest_updated' where handle = %s and superseded_at is null", [HANDLE]
        )


async def linked(demo: Demo) -> str:
    """The contact that the number belongs to now."""
    async with demo.leadline.database.connection() as connection:
        rows = queries.links_of(connection, workspace_id=demo.leadline.workspace.workspace_id, handles=[HANDLE])
        return "".join([row["contact_id"] async for row in rows])


async def corrections(demo: Demo) -> list[tuple[str, str, bool]]:
    """Kind, author, and whether it went to another contact; the oldest first."""
    found = await demo.leadline.corrections.listed(demo.leadline.workspace.workspace_id)
    return [(one.kind, one.author, one.from_id != one.into_id) for one in reversed(found)]


async def acts(demo: Demo) -> list[str]:
    async with demo.leadline.database.connection() as connection:
        rows = queries.last_audit(connection, workspace_id=demo.leadline.workspace.workspace_id, count=9)
        return [row["act"] async for row in rows if row["source"] == "console"]


async def test_a_doubt_is_confirmed_by_a_key_and_that_is_undone(demo: Demo, browser: Browser) -> None:
    await doubt(demo)
    async with signed_in(demo, browser, Role.AGENT) as page:
        await page.goto("/console/doubts")
        card = page.get_by_test_id("doubt")
        await expect(card).to_have_count(1)
        await expect(card.get_by_test_id("why")).to_have_text("Updated last of several")
        await expect(card.get_by_test_id("steps")).to_contain_text("took the one that was updated last")
        await expect(card.get_by_test_id("others").get_by_test_id("take")).not_to_have_count(0)
        await expect(page.get_by_test_id("left")).to_have_text("1 in doubt")
        await page.keyboard.press("c")
        await expect(card).to_be_focused()
        await page.keyboard.press("?")
        await expect(page.get_by_role("dialog", name="Keys")).to_contain_text("Go to the next one")
        await page.keyboard.press("?")
        await card.focus()
        await page.keyboard.press("c")
        await expect(card).to_have_count(0)
        await expect(page.get_by_test_id("no-doubts")).to_be_visible()
        assert (await corrections(demo))[-1] == ("attach", email_of(Role.AGENT), False)
        assert (await acts(demo))[-1] == "link.attach"
        await page.get_by_test_id("decided").get_by_test_id("undo").click()
        await page.get_by_test_id("confirm").click()
        await expect(card).to_have_count(1)


async def test_a_doubt_is_corrected_to_another_candidate(demo: Demo, browser: Browser) -> None:
    await doubt(demo, "And where is my parcel?")
    async with signed_in(demo, browser, Role.AGENT) as page:
        await page.goto("/console/doubts")
        card = page.get_by_test_id("doubt")
        other = await card.get_by_test_id("others").locator(".ll-name").first.inner_text()
        await page.keyboard.press("j")
        await expect(card).to_be_focused()
        await page.keyboard.press("1")
        await expect(page.get_by_text(f"belong to {other}")).to_be_visible()
        await page.get_by_test_id("confirm").click()
        await expect(card).to_have_count(0)
        assert (await corrections(demo))[-1] == ("attach", email_of(Role.AGENT), True)


async def test_what_a_second_person_decides_meanwhile_is_noticed_and_said(demo: Demo, browser: Browser) -> None:
    await doubt(demo, "Hello?")
    corrections_desk, workspace_id = demo.leadline.corrections, demo.leadline.workspace.workspace_id
    async with signed_in(demo, browser, Role.AGENT) as page:
        await page.goto("/console/doubts")
        await page.get_by_test_id("nobody").click()
        before = len(await corrections(demo))
        await corrections_desk.detach(workspace_id, HANDLE, author="bo@example.com")
        await page.get_by_test_id("confirm").click()
        await expect(page.get_by_text("bo@example.com decided about").first).to_be_visible()
        assert len(await corrections(demo)) == before + 1
        await expect(page.get_by_test_id("no-doubts")).to_be_visible()


@pytest.mark.long
async def test_what_is_decided_elsewhere_leaves_the_page_with_a_word(demo: Demo, browser: Browser) -> None:
    await doubt(demo, "Is anybody there?")
    contact_id = await linked(demo)
    async with signed_in(demo, browser, Role.VIEWER) as page:
        await page.goto("/console/doubts")
        await expect(page.get_by_test_id("doubt")).to_have_count(1)
        for testid in ("confirm-doubt", "take", "nobody", "somebody", "undo"):
            await expect(page.get_by_test_id(testid)).to_have_count(0)
        await demo.leadline.corrections.attach(
            demo.leadline.workspace.workspace_id, HANDLE, contact_id, author="bo@example.com"
        )
        await expect(page.get_by_text("bo@example.com decided about +44 7700 900123")).to_be_visible()
        await expect(page.get_by_test_id("doubt")).to_have_count(0)


async def test_many_doubts_are_counted_paged_and_walked_through(demo: Demo, browser: Browser) -> None:
    workspace_id = demo.leadline.workspace.workspace_id
    async with demo.leadline.database.connection() as connection:
        await connection.execute("update link set doubt = ''")
        # The 24th sender has two addresses: one doubt.
        await connection.execute(
            "insert into link (workspace_id, handle, contact_id, role, evidence, author, doubt, arrival_id)"
            " select %s, 'telegram:9/' || n, 'c' || least(n, 24), 'lead', 'phone', 'leadline', 'long_silence', 900"
            " from generate_series(1, 25) n",
            [workspace_id],
        )
    async with signed_in(demo, browser, Role.AGENT) as page:
        await page.goto("/console/doubts")
        card = page.get_by_test_id("doubt")
        await expect(card).to_have_count(20)
        await expect(page.get_by_test_id("left")).to_have_text("24 in doubt; the newest 20 are shown here")
        await expect(card.first).to_contain_text("Telegram 25, Telegram 24")
        for key, number in (("j", 0), ("j", 1), ("j", 2), ("k", 1)):
            await page.keyboard.press(key)
            await expect(card.nth(number)).to_be_focused()
        await page.keyboard.press("x")
        await expect(page.get_by_text("Messages from Telegram 23 go to")).to_be_visible()
        await page.goto("/console/doubts")
        await page.get_by_role("link", name="Older").click()
        await expect(card).to_have_count(4)
        await expect(card.last).to_contain_text("Telegram 1")
    async with demo.leadline.database.connection() as connection:
        await connection.execute("delete from link where handle like 'telegram:9/%%'")


async def test_a_viewers_forged_event_decides_nothing(demo: Demo) -> None:
    await doubt(demo, "Still me")
    agent, viewer = await session_of(demo.leadline, Role.AGENT), await session_of(demo.leadline, Role.VIEWER)
    before = await corrections(demo)
    async with opened(demo, agent, "/console/doubts") as theirs, opened(demo, viewer, "/console/doubts") as mine:
        assert await greet(theirs, theirs.client_id)
        assert await greet(mine, mine.client_id)
        with pytest.raises(LookupError):
            mine.press("confirm-doubt")
        await mine.send(theirs.press("confirm-doubt"))
        await mine.send(theirs.press("confirm-doubt") | {"client_id": mine.client_id})
        assert await corrections(demo) == before
        await theirs.send(theirs.press("confirm-doubt"))
        assert await until(lambda: more_than(demo, len(before))), "the same event from its own page works"


async def more_than(demo: Demo, count: int) -> bool:
    return len(await corrections(demo)) > count

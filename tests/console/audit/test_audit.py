"""The audit in the console: newest first, narrowed by its address, exported, and only for those who may."""

from __future__ import annotations

import json

import aiohttp
import pytest
from playwright.async_api import Browser, expect

from leadline.console.guard import COOKIE
from leadline.console.rights import Role
from leadline.stage.town import Demo
from leadline.store.acting import acting
from leadline.store.queries import queries
from tests.console.acting import session_of, signed_in

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def note(demo: Demo, who: str, code: str, subject: str, detail: str = "{}") -> None:
    with acting(who, "command line"):
        async with demo.leadline.database.connection() as connection:
            workspace_id = demo.leadline.workspace.workspace_id
            await queries.note_act(connection, workspace_id=workspace_id, act=code, subject=subject, detail=detail)


async def test_acts_are_read_narrowed_paged_and_checked(demo: Demo, browser: Browser) -> None:
    change = json.dumps({"before": {"role": "agent"}, "after": {"role": "admin"}})
    await note(demo, "Ann", "user.role", "bo@example.com", change)
    for number in range(60):
        await note(demo, "Eve", "channel.rotated", f"channel {number}")
    async with signed_in(demo, browser, Role.ADMIN) as page:
        await page.goto("/console/audit?who=eve")
        rows = page.get_by_test_id("audit").get_by_test_id("row")
        await expect(rows).to_have_count(50)
        await expect(rows.first).to_contain_text("channel 59")
        await page.get_by_role("link", name="Older").click()
        await expect(rows).to_have_count(10)
        await expect(rows.last).to_contain_text("channel 0")
        await page.goto("/console/audit")
        await page.get_by_label("What").select_option(label="changed somebody's role")
        await page.get_by_test_id("filter").click()
        await expect(rows).to_have_count(1)
        await expect(rows).to_contain_text("role agent")
        await expect(rows).to_contain_text("role admin")
        await expect(rows).to_contain_text("the command line")
        await page.get_by_test_id("check").click()
        await expect(page.get_by_text("and the chain holds")).to_be_visible()


async def test_the_export_follows_the_filter_and_is_an_act_itself(demo: Demo) -> None:
    await note(demo, "Zoe", "key.rotated", "")
    place = f"{demo.places.leadline}/console/audit/export"
    for role, status in ((Role.AGENT, 403), (Role.ADMIN, 200)):
        headers = {"Cookie": f"{COOKIE}={await session_of(demo.leadline, role)}"}
        async with aiohttp.ClientSession(headers=headers) as http, http.get(f"{place}?who=zoe") as answer:
            lines = (await answer.text()).splitlines()
            assert answer.status == status
    assert [(json.loads(line)["actor"], json.loads(line)["act"]) for line in lines] == [("Zoe", "key.rotated")]
    async with aiohttp.ClientSession(headers=headers) as http, http.get(f"{place}?act=audit.exported") as answer:
        found = [json.loads(line) for line in (await answer.text()).splitlines()]
    assert [each["detail"] for each in found] == [{"filter": {"act": "audit.exported"}}, {"filter": {"who": "zoe"}}]


async def test_dates_that_are_none_and_numbers_too_large_are_left_out(demo: Demo) -> None:
    headers = {"Cookie": f"{COOKIE}={await session_of(demo.leadline, Role.ADMIN)}"}
    async with aiohttp.ClientSession(headers=headers) as http:
        for query in ("since=yesterday", "until=9999-12-31", "before=99999999999999999999", "before=-1"):
            async with http.get(f"{demo.places.leadline}/console/audit?{query}") as answer:
                assert (answer.status, "Traceback" in await answer.text()) == (200, False)

"""How the parts do: every finding of the doctor is on the page, and each workspace's people see only their own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from leadline.cli.doctor import examine
from leadline.cli.finding import Finding
from leadline.console.pages import with_pages
from leadline.console.rights import Role
from leadline.console.shell.checkup import Checkup
from leadline.process import asgi
from leadline.serving import serving
from leadline.stage.town import Demo, Places, open_demo
from tests.browser import photograph
from tests.console.acting import signed_in
from tests.databases import Databases

pytestmark = pytest.mark.asyncio(loop_scope="session")
OTHERS = Finding("Other: rules", word="policy walnut", workspace_id="other")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def demo(databases: Databases, sandbox_databases: Databases, fresh_pages: None) -> AsyncIterator[Demo]:
    """With the doctor, as `leadline serve` has it, who also finds something about another workspace."""
    with databases.lent() as url, sandbox_databases.lent() as sandbox_url, Places(0) as places:
        async with open_demo(url, sandbox_url, places) as demo:

            async def found() -> list[Finding]:
                return [*await examine(demo.leadline.settings), OTHERS]

            door = with_pages(asgi(demo.leadline, with_worker=True), demo.leadline, examine=found)
            async with serving(door, places.sockets["leadline"]):
                yield demo


async def test_every_finding_of_the_doctor_is_on_the_page(demo: Demo, browser: Browser) -> None:
    async with signed_in(demo, browser, Role.AGENT) as page:
        await page.goto("/console/system")
        await page.get_by_test_id("check").click()
        await expect(page.get_by_test_id("checked")).to_contain_text("Checked")
        rows = page.get_by_test_id("findings").get_by_test_id("row")
        wanted = await examine(demo.leadline.settings)
        parts = sorted(one.part for one in wanted)
        await expect(rows).to_have_count(len(wanted))
        assert sorted([await row.locator("td").first.inner_text() for row in await rows.all()]) == parts
        for kind in ("settings", "database", "intercom", "public address", "rules", "messages", "links", "replies"):
            assert kind in parts
        assert {"webhooks", "backup", "directory", "phones", "channel SMS"} <= set(parts)
        await expect(page.get_by_test_id("findings")).not_to_contain_text("walnut")
        await expect(page.get_by_test_id("fresh")).to_contain_text("Last backup by Leadlinenever")
        await photograph(page, "system-checked")


async def test_what_is_new_since_the_last_look_shows_by_itself(demo: Demo, browser: Browser) -> None:
    async with signed_in(demo, browser, Role.AGENT) as page:
        await page.goto("/console/system")
        async with demo.leadline.database.connection() as connection:
            await connection.execute(
                b"insert into backup (workspace_id, began_at, checked_at)"
                b" values ('sandbox', now() - interval '9 days', now())"
            )
        await expect(page.get_by_test_id("fresh")).not_to_contain_text("Last backup by Leadlinenever")
        await page.get_by_test_id("check").click()
        backup = page.get_by_test_id("findings").get_by_test_id("row").filter(has_text="backup")
        await expect(backup).to_contain_text("9 days ago")
        await expect(backup).to_contain_text("problem")


async def test_two_findings_of_one_part_are_both_there_and_another_workspaces_are_not() -> None:
    findings = [Finding("channel SMS"), Finding("channel SMS", "is connected twice", workspace_id="ws"), OTHERS]

    async def found() -> list[Finding]:
        return findings

    assert (await Checkup(found).look()).of("ws").findings == tuple(findings[:2])

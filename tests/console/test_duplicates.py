"""The duplicates of a workspace: looked at, called not the same, put off, merged with a question, and taken back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from leadline.console.rights import Role
from leadline.merging.duplicates.batch_seen import Batch
from leadline.stage.town import Demo
from tests.acceptance.town import until
from tests.console.acting import session_of, signed_in
from tests.console.filled import duplicates_in
from tests.console.shell.test_permissions import greet, opened

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def doubled(demo: Demo) -> Demo:
    """With people who are in it twice."""
    await duplicates_in(demo)
    return demo


async def rows(demo: Demo, question: str) -> list[Mapping[str, Any]]:
    async with demo.leadline.database.connection() as connection:
        return [row async for row in await connection.execute(question.encode())]


async def batch_of(demo: Demo, number: int) -> Batch:
    return await demo.leadline.duplicates.record.batch(demo.leadline.workspace.workspace_id, number)


async def latest(demo: Demo) -> int:
    """The number of the last batch; 0 before the first."""
    [row] = await rows(demo, "select coalesce(max(batch_id), 0) as number from duplicate_batch")
    return int(row["number"])


def group(page: Page, name: str) -> Locator:
    return page.get_by_test_id("group-row").filter(has=page.get_by_role("link", name=name, exact=True))


async def confirm(page: Page, question: str) -> None:
    """Answer what was asked, which says how many and who."""
    await expect(page.locator(".ll-dialog")).to_contain_text(question)
    await page.get_by_test_id("confirm").click()


async def test_a_viewer_sees_the_groups_and_has_no_button(doubled: Demo, browser: Browser) -> None:
    async with signed_in(doubled, browser, Role.VIEWER) as page:
        await page.goto("/console/duplicates")
        await expect(group(page, "Orla Keane")).to_contain_text("same phone")
        assert await page.locator("#page button").evaluate_all("all => all.map(one => one.innerText)") == ["Show"]
        await page.goto("/console/duplicates?by=gain&least=9999")
        await expect(page.get_by_test_id("groups")).to_contain_text("No duplicates are left here")


async def test_a_viewers_forged_event_merges_nothing(doubled: Demo) -> None:
    agent, viewer = await session_of(doubled.leadline, Role.AGENT), await session_of(doubled.leadline, Role.VIEWER)
    async with doubled.leadline.database.connection() as connection:
        await connection.execute("delete from duplicate_judgement")
    before, batches = await rows(doubled, "select * from duplicate_judgement"), await latest(doubled)
    async with (
        opened(doubled, agent, "/console/duplicates") as theirs,
        opened(doubled, viewer, "/console/duplicates") as mine,
    ):
        assert await greet(theirs, theirs.client_id)
        assert await greet(mine, mine.client_id)
        for act in ("merge", "ignore", "later", "scan", "merge-page"):
            with pytest.raises(LookupError):
                mine.press(act)
            await mine.send(theirs.press(act) | {"client_id": mine.client_id})
        await mine.send(theirs.press("later"))
        assert await rows(doubled, "select * from duplicate_judgement") == before
        assert await latest(doubled) == batches
        await theirs.send(theirs.press("later"))
        assert len(await rows(doubled, "select * from duplicate_judgement")) > len(before), "from its own page it works"
    async with doubled.leadline.database.connection() as connection:
        await connection.execute("delete from duplicate_judgement")


async def test_a_group_says_why_and_what_speaks_against_and_two_of_it_are_told_apart(
    doubled: Demo, browser: Browser
) -> None:
    async with signed_in(doubled, browser, Role.AGENT) as page:
        await page.goto("/console/duplicates")
        await group(page, "Niamh Daly").get_by_role("link").click()
        await expect(page.get_by_test_id("member-row")).to_have_count(3)
        pairs = page.get_by_test_id("pairs")
        await expect(pairs).to_contain_text("same phone")
        await expect(pairs).to_contain_text("different e-mails")
        await expect(pairs).to_contain_text("together")
        await expect(page.get_by_test_id("members")).to_contain_text("another one")
        await expect(page.get_by_test_id("proposed")).to_contain_text(
            "Merge Niamh Daly (nd@shop.example) into Niamh Daly (user)"
        )
        await page.get_by_test_id("member-row").last.get_by_test_id("ignore-one").click()
        await confirm(page, "is not one of the others")
        await expect(page.get_by_text("Remembered: not the same person")).to_be_visible()
    said = await rows(doubled, "select verdict, author from duplicate_judgement where verdict = 'different'")
    assert [(row["verdict"], row["author"]) for row in said] == [("different", "agent@example.com")] * 2


async def test_another_one_is_chosen_to_stay_and_the_proposal_is_drawn_anew(doubled: Demo, browser: Browser) -> None:
    async with signed_in(doubled, browser, Role.AGENT) as page:
        await page.goto("/console/duplicates")
        await group(page, "Padraig Foley").get_by_role("link").click()
        members = page.get_by_test_id("member-row")
        await expect(members.first).to_contain_text("stays")
        first = await members.first.locator(".ll-mono").inner_text()
        await members.last.get_by_test_id("keep").click()
        await expect(members.first.locator(".ll-mono")).not_to_have_text(first)
        await expect(page.get_by_test_id("proposed")).to_contain_text(f"({first}) is a user")
        await page.goto("/console/duplicates")
        await group(page, "Niamh Daly").get_by_role("link").click()
        lead = page.get_by_test_id("member-row").filter(has=page.get_by_test_id("cannot-stay")).first
        await expect(lead).to_contain_text("Intercom never merges a user into a lead")
        await expect(lead.get_by_test_id("keep")).to_have_count(0)


async def test_an_admin_takes_the_list_along_as_a_file_and_an_agent_does_not(doubled: Demo, browser: Browser) -> None:
    async with signed_in(doubled, browser, Role.AGENT) as page:
        await page.goto("/console/duplicates")
        await expect(page.get_by_test_id("scan")).to_be_visible()
        await expect(page.get_by_test_id("download")).to_have_count(0)
    async with signed_in(doubled, browser, Role.ADMIN) as page:
        await page.goto("/console/duplicates")
        async with page.expect_download() as begun:
            await page.get_by_test_id("download").click()
        file = await (await begun.value).path()
        assert "Cathal Roche" in file.read_text("utf-8")
    acts = await rows(doubled, "select actor from audit where act = 'duplicates.exported'")
    assert [row["actor"] for row in acts] == ["admin@example.com"]


async def test_users_beside_each_other_are_not_promised_what_intercom_does_not_do(
    doubled: Demo, browser: Browser
) -> None:
    async with signed_in(doubled, browser, Role.AGENT) as page:
        await page.goto("/console/duplicates")
        row = group(page, "Padraig Foley")
        await expect(row).to_contain_text("Intercom's API does not merge users")
        await expect(row.get_by_test_id("merge")).to_have_count(0)
        await row.get_by_role("link").click()
        await expect(page.get_by_test_id("proposed")).to_contain_text("leadline link attach")
        await expect(page.get_by_test_id("merge")).to_have_count(0)
        await page.get_by_test_id("unsure").click()
        await expect(page.get_by_test_id("pairs")).to_contain_text("people were unsure")


@asynccontextmanager
async def preview_api(demo: Demo) -> AsyncIterator[None]:
    """The workspace has it, and Leadline may use it. Two users of one mailbox get one phone, as Intercom wants it."""
    leadline, call = demo.leadline, demo.leadline.workspace.client.call
    await call("PUT", "/_sandbox/control", body={"preview": True})
    for found in (await leadline.duplicates.review.groups(leadline.workspace.workspace_id, count=100)).groups:
        for member in found.members if found.members[0].name == "Padraig Foley" else ():
            await call("PUT", f"/contacts/{member.contact_id}", body={"phone": "+353861999321"})
    await leadline.directory.walk(leadline.workspace)
    demo.leadline.preview_api.wanted = True
    yield
    demo.leadline.preview_api.wanted = False
    await call("PUT", "/_sandbox/control", body={"preview": False})


async def test_users_are_proposed_where_the_preview_api_merges_them_and_else_its_reason_is_said(
    doubled: Demo, browser: Browser
) -> None:
    async with preview_api(doubled), signed_in(doubled, browser, Role.AGENT) as page:
        await page.goto("/console/duplicates")
        await group(page, "Padraig Foley").get_by_role("link").click()
        proposed = page.get_by_test_id("proposed")
        await expect(proposed).to_contain_text("both are users: by Intercom's Preview API")
        await page.get_by_test_id("merge").click()
        await expect(page.locator(".ll-dialog")).to_contain_text("an undo brings a user back only as a lead")
        await page.get_by_test_id("cancel").click()
        going = await page.get_by_test_id("member-row").last.locator(".ll-mono").inner_text()
        path = f"/_sandbox/contacts/{going}/origin"
        await doubled.leadline.workspace.client.call("POST", path, body={"origin": "external_channel"})
        await page.reload()
        await expect(proposed).to_contain_text("WhatsApp channel")
        await expect(proposed).to_contain_text("leadline link attach")
        await expect(page.get_by_test_id("merge")).to_have_count(0)
        await doubled.leadline.workspace.client.call("POST", path, body={"origin": "api"})


async def test_put_off_and_not_the_same_leave_the_queue(doubled: Demo, browser: Browser) -> None:
    async with signed_in(doubled, browser, Role.AGENT) as page:
        await page.goto("/console/duplicates")
        await group(page, "Padraig Foley").get_by_test_id("later").click()
        await expect(group(page, "Padraig Foley")).to_have_count(0)
        await group(page, "Sorcha Quinn").get_by_test_id("ignore").click()
        await confirm(page, "Sorcha Quinn (user), Sorcha Quinn (lead)")
        await expect(group(page, "Sorcha Quinn")).to_have_count(0)


async def test_a_group_is_merged_after_a_question_that_says_number_and_names_and_taken_back(
    doubled: Demo, browser: Browser
) -> None:
    async with signed_in(doubled, browser, Role.AGENT) as page:
        await page.goto("/console/duplicates")
        before = await latest(doubled)
        await group(page, "Orla Keane").get_by_test_id("merge").click()
        await page.get_by_test_id("cancel").click()
        assert await latest(doubled) == before
        await group(page, "Orla Keane").get_by_test_id("merge").click()
        await confirm(page, "Merge 1 contact away for good: Keane Orla into Orla Keane?")
        await expect(group(page, "Orla Keane")).to_have_count(0)
        await page.goto("/console/duplicates/batches")
        row = page.get_by_test_id("batch-row").first
        await expect(row).to_contain_text("done")
        await expect(row).to_contain_text("1 merged")
        await row.get_by_role("link").click()
        await expect(page.get_by_test_id("merge-row")).to_contain_text("Orla Keane")
        await page.get_by_test_id("undo").click()
        await confirm(page, f"Undo the 1 merge of batch {before + 1}?")
        await expect(page.get_by_test_id("batch-state")).to_have_text("undone")
    merges = await rows(doubled, "select author, undo_author from merge where state = 'undone'")
    assert [dict(row) for row in merges] == [
        dict.fromkeys(("author", "undo_author"), f"agent@example.com, batch {before + 1}")
    ]


@pytest.mark.long
async def test_what_a_page_shows_is_merged_in_one_batch_that_broke_off_and_goes_on(
    doubled: Demo, browser: Browser
) -> None:
    async with signed_in(doubled, browser, Role.AGENT) as page:
        await page.goto("/console/duplicates")
        number = await latest(doubled) + 1
        await page.get_by_test_id("merge-page").click()
        await confirm(page, "away for good:")
        await expect(page.get_by_test_id("state")).to_contain_text(f"Batch {number}: done")
        assert (await batch_of(doubled, number)).merged > 1
        await until(lambda: _broken_off(doubled, number))
        await page.goto(f"/console/duplicates/batches/{number}")
        await expect(page.get_by_test_id("batch-state")).to_have_text("running, broken off")
        await page.get_by_test_id("go-on").click()
        await confirm(page, f"Resume batch {number}? 1 merge is waiting.")
        await expect(page.get_by_test_id("batch-state")).to_have_text("done")
        await page.goto("/console/duplicates/batches/77")
        await expect(page.get_by_test_id("missing")).to_contain_text("no batch number 77")
    acts = await rows(doubled, "select actor, act, detail ->> 'number' as number from audit")
    mine = [row for row in acts if row["act"].startswith("duplicates.") and row["number"] == str(number)]
    assert [(row["actor"], row["act"]) for row in mine] == [("agent@example.com", "duplicates.batch")]


async def _broken_off(demo: Demo, number: int) -> bool:
    """As a process leaves it that is killed before its last word."""
    async with demo.leadline.database.connection() as connection:
        await connection.execute("update duplicate_batch set state = 'running' where batch_id = %s", [number])
        await connection.execute(
            "update duplicate_merge set state = 'waiting' where batch_id = %s and position = 1", [number]
        )
    return (await batch_of(demo, number)).broken_off


@pytest.mark.parametrize("contact", ["nobody", "%E2%80%AE", "x" * 3_000, "' or 1=1 --"])
async def test_the_page_of_a_group_that_is_none_says_so(doubled: Demo, browser: Browser, contact: str) -> None:
    async with signed_in(doubled, browser, Role.VIEWER) as page:
        await page.goto(f"/console/duplicates/{contact}")
        await expect(page.get_by_test_id("gone")).to_contain_text("no longer in a group of duplicates")

"""People are found, corrected, merged with an undo, exported and erased; who may not sees no button."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.async_api import Browser, Page, expect

from leadline.console.rights import Role
from leadline.sandbox.seed import KNOWN_USER
from leadline.stage.town import Demo
from leadline.store.queries import queries
from tests.acceptance.town import until
from tests.console.acting import email_of, signed_in
from tests.console.drawn import reader

pytestmark = pytest.mark.asyncio(loop_scope="session")
RAW_NAME = '<b onclick=alert(1)>Róisín</b> "Ro" Ní Dhomhnaill'


async def acts(demo: Demo) -> list[tuple[str, str]]:
    """What people did in the console, the latest last: the act and who."""
    async with demo.leadline.database.connection() as connection:
        rows = queries.last_audit(connection, workspace_id=demo.leadline.workspace.workspace_id, count=20)
        return [(row["act"], row["actor"]) async for row in rows if row["source"] == "console"]


async def owner_of(demo: Demo, handle: str) -> str:
    async with demo.leadline.database.connection() as connection:
        rows = queries.links_of(connection, workspace_id=demo.leadline.workspace.workspace_id, handles=[handle])
        return "".join([row["contact_id"] async for row in rows])


async def writes(demo: Demo, channel: str, sender: str, handle: str) -> str:
    """Somebody writes; the contact they are put on."""
    await demo.writes(demo.channels[channel], sender, "Hello, it is me")
    assert await until(lambda: owner_of(demo, handle))
    return await owner_of(demo, handle)


async def telegram_of(demo: Demo, number: str) -> str:
    """The address under which a Telegram user is on record."""
    async with demo.leadline.database.connection() as connection:
        found = await connection.execute("select handle from handle where handle like %s", [f"telegram:%/{number}"])
        rows = await found.fetchall()
    return rows[0]["handle"] if rows else ""


async def stranger(demo: Demo, number: str, name: str) -> tuple[str, str]:
    """A Telegram user nobody knows: their address, and the lead that was made."""
    await demo.writes(demo.channels["telegram"], number, "Do you ship to Galway?", name=name)
    assert await until(lambda: telegram_of(demo, number))
    handle = await telegram_of(demo, number)
    assert await until(lambda: owner_of(demo, handle))
    return handle, await owner_of(demo, handle)


async def confirm(page: Page) -> None:
    await page.get_by_test_id("confirm").click()


async def test_a_person_is_found_by_whatever_is_at_hand(demo: Demo, browser: Browser) -> None:
    handle, lead = await stranger(demo, "880011", RAW_NAME)
    user = await writes(demo, "twilio_sms", "+353888888999", "tel:+353888888999")
    assert await until(lambda: named(demo, "roisin"))
    ways = {
        "880011": lead,
        handle: lead,
        lead: lead,
        f"https://app.intercom.com/a/apps/sandbox/users/{lead}/all-conversations": lead,
        "Ró Dhomh": lead,
        "+353 88 888 8999": user,
        "00353-88-888 8999": user,
    }
    async with reader(demo, Role.VIEWER) as read:
        for typed, wanted in ways.items():
            rows = (await read(f"/console/people?q={quote(typed)}")).found("person-row")
            assert [row.row for row in rows] == [wanted], typed
    async with signed_in(demo, browser, Role.VIEWER) as page:
        await page.goto("/console/people")
        await page.get_by_label("Find a person").fill("Ró Dhomh")
        await page.get_by_test_id("filter").click()
        await expect(page.get_by_test_id("person-row")).to_have_count(1)
        assert await page.get_by_test_id("person-row").get_attribute("data-row") == lead
        await page.goto("/console/people?q=zzqq")
        await expect(page.get_by_test_id("people")).to_contain_text("Nobody on record fits")
        await page.goto("/console/people?q=%27%3B+drop+table+link&after=e1.%27")
        await expect(page.get_by_test_id("people")).to_contain_text("Nobody on record fits")
        await page.goto("/console/people")
        await expect(page.get_by_test_id("person-row").filter(has_text="Róisín")).to_have_count(1)


async def named(demo: Demo, word: str) -> bool:
    """Whether the directory has the name by now."""
    return bool(await demo.leadline.directory.find.beginning(demo.leadline.workspace.workspace_id, word))


async def test_one_persons_page_tells_all_and_a_viewer_changes_nothing(demo: Demo, browser: Browser) -> None:
    _, lead = await stranger(demo, "880011", RAW_NAME)
    async with signed_in(demo, browser, Role.VIEWER) as page:
        await page.goto(f"/console/people/{lead}")
        await expect(page.get_by_test_id("name")).to_have_text(RAW_NAME)
        await expect(page.get_by_test_id("address")).to_contain_text("New lead")
        await expect(page.get_by_test_id("talk")).to_have_count(1)
        await expect(page.get_by_test_id("wish")).to_contain_text("accepts messages")
        await expect(page.get_by_test_id("link")).to_contain_text("this contact")
        assert await page.locator("#page button").all_text_contents() == []
        assert await page.locator("#page b").count() == 0, "a customer's markup stays text"
        for place in ("move?address=tel:1", "merge"):
            await page.goto(f"/console/people/{lead}/{place}")
            await expect(page.get_by_test_id("refused")).to_be_visible()
        answer = await page.request.get(f"/console/people/{lead}/export")
        assert answer.status == 403
        await page.goto("/console/people/6a0000000000000000000099")
        await expect(page.get_by_test_id("nobody-known")).to_be_visible()


async def test_a_lead_is_merged_and_the_merge_undone(demo: Demo, browser: Browser) -> None:
    handle, lead = await stranger(demo, "880022", "Aoife Test")
    async with signed_in(demo, browser, Role.AGENT) as page:
        await page.goto(f"/console/people/{lead}")
        await page.get_by_test_id("merge-with").click()
        await page.get_by_label("Find the other contact").fill(KNOWN_USER)
        await page.get_by_test_id("filter").click()
        await page.get_by_role("link", name="Look at both").click()
        await expect(page.get_by_test_id("preview")).to_contain_text("goes into")
        await expect(page.get_by_test_id("moves")).to_contain_text("1 conversation")
        await page.get_by_test_id("take-field").first.click()
        await expect(page.get_by_test_id("fields")).to_contain_text("taken from the lead")
        await page.get_by_test_id("take-field").first.click()
        await page.get_by_test_id("merge").click()
        await expect(page.get_by_test_id("confirm")).to_be_visible()
        await confirm(page)
        await expect(page.get_by_test_id("done")).to_contain_text("has been merged into")
        assert await owner_of(demo, handle) == KNOWN_USER
        assert ("merge.planned", email_of(Role.AGENT)) in await acts(demo)
        await page.goto(f"/console/people/{lead}")
        await expect(page.get_by_test_id("merged-into")).to_be_visible()
        await page.goto(f"/console/people/{KNOWN_USER}")
        await page.get_by_test_id("undo-merge").click()
        await expect(page.get_by_text("Intercom does not move them back")).to_be_visible()
        await confirm(page)
        await expect(page.get_by_test_id("merge").filter(has_text="undone")).to_have_count(1)
        assert await owner_of(demo, handle) not in (KNOWN_USER, lead, "")
        assert ("merge.undoing", email_of(Role.AGENT)) in await acts(demo)


@pytest.mark.long
async def test_an_address_is_moved_to_another_contact_and_back(demo: Demo, browser: Browser) -> None:
    handle, lead = await stranger(demo, "880033", "Maeve Test")
    async with signed_in(demo, browser, Role.AGENT) as page:
        await page.goto(f"/console/people/{lead}")
        await page.get_by_test_id("move").click()
        await page.get_by_label("Find the other contact").fill(KNOWN_USER)
        await page.get_by_test_id("filter").click()
        await page.get_by_test_id("take").click()
        await confirm(page)
        await expect(page.get_by_test_id("done")).to_contain_text("go to this contact from now on")
        assert await owner_of(demo, handle) == KNOWN_USER
        await page.goto(f"/console/people/{lead}")
        await page.get_by_test_id("undo-correction").click()
        await confirm(page)
        await expect(page.get_by_test_id("address")).to_have_count(1)
        assert await owner_of(demo, handle) == lead
        await page.get_by_test_id("detach").click()
        await confirm(page)
        await expect(page.get_by_test_id("address")).to_have_count(0)
        assert await owner_of(demo, handle) == ""


async def test_what_a_customer_wants_is_noted_and_kept(demo: Demo, browser: Browser) -> None:
    handle, lead = await stranger(demo, "880044", "Nuala Test")
    workspace_id = demo.leadline.workspace.workspace_id
    async with signed_in(demo, browser, Role.AGENT) as page:
        await page.goto(f"/console/people/{lead}")
        await page.get_by_test_id("opt-out").click()
        await confirm(page)
        await expect(page.get_by_test_id("wish")).to_contain_text("A teammate noted it")
        [reach] = [one for one in await demo.leadline.reaches.of_contact(workspace_id, lead) if one.handle == handle]
        assert reach.opted_out
        await page.get_by_test_id("opt-in").click()
        await confirm(page)
        await expect(page.get_by_test_id("wish")).to_contain_text("accepts messages")
        [reach] = [one for one in await demo.leadline.reaches.of_contact(workspace_id, lead) if one.handle == handle]
        assert not reach.opted_out
    assert [act for act, _ in await acts(demo) if act.startswith("consent.")] == ["consent.out", "consent.in"]


async def test_a_person_is_exported_and_erased_once_the_name_is_typed(
    demo: Demo, browser: Browser, tmp_path: Path
) -> None:
    handle, lead = await stranger(demo, "880055", "Orla Test")
    async with signed_in(demo, browser, Role.ADMIN) as page:
        await page.goto(f"/console/people/{lead}")
        async with page.expect_download() as waiting:
            await page.get_by_role("link", name="Export everything").click()
        copy = tmp_path / "person.json"
        await (await waiting.value).save_as(copy)
        assert handle in json.dumps(json.loads(copy.read_text()))
        assert (await acts(demo))[-1] == ("person.exported", email_of(Role.ADMIN))
        await page.get_by_test_id("count-records").click()
        await expect(page.get_by_test_id("counts")).to_contain_text("Messages and notices")
        await page.get_by_text("Erase this person").click()
        await page.get_by_test_id("typed-person").fill("Orla")
        await page.get_by_test_id("erase").click()
        await expect(page.get_by_text("Nothing was erased")).to_be_visible()
        assert await owner_of(demo, handle) == lead
        await page.get_by_role("button", name="Close").click()
        await page.get_by_test_id("typed-person").fill("Orla Test")
        await page.get_by_test_id("erase-where").select_option("intercom")
        await page.get_by_test_id("erase").click()
        await expect(page.get_by_test_id("receipt").first).to_contain_text(re.compile("Erased on .* messages? "))
        await expect(page.get_by_test_id("receipt").last).to_have_text(f"Deleted in Intercom: {lead}.")
        assert await owner_of(demo, handle) == ""
        assert (await acts(demo))[-1] == ("person.erased", email_of(Role.ADMIN))
    async with signed_in(demo, browser, Role.AGENT) as page:
        await page.goto(f"/console/people/{lead}")
        await expect(page.get_by_test_id("who-it-is")).to_be_visible()
        await expect(page.get_by_test_id("rights")).to_have_count(0)


@pytest.mark.long
async def test_of_two_leads_none_becomes_a_user_unless_that_is_chosen(demo: Demo, browser: Browser) -> None:
    handle, lead = await stranger(demo, "880066", "Sorcha Test")
    _, other = await stranger(demo, "880077", "Sorcha Test")
    async with signed_in(demo, browser, Role.AGENT) as page:
        await page.goto(f"/console/people/{lead}/merge?with={other}")
        await expect(page.get_by_test_id("explanation")).to_contain_text("stay as they are in Intercom")
        await page.get_by_test_id("merge").click()
        await confirm(page)
        await expect(page.get_by_test_id("done")).to_contain_text("Nothing was changed in Intercom")
        assert await owner_of(demo, handle) == other
        await page.goto(f"/console/people/{lead}")
        await page.get_by_test_id("undo-merge").click()
        await expect(page.get_by_text("Everything goes back to how it was")).to_be_visible()
        await confirm(page)
        await expect(page.get_by_test_id("address")).to_have_count(1)
        assert await owner_of(demo, handle) == lead
        await page.goto(f"/console/people/{lead}/merge?with={other}")
        await page.get_by_test_id("other-way").click()
        await expect(page.get_by_test_id("explanation")).to_contain_text("first becomes a user permanently")
        await page.goto(f"/console/people/{lead}/merge?with={lead}")
        await expect(page.get_by_test_id("refused-merge")).to_be_visible()

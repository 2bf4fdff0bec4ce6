"""An owner adds a provider in the browser, somebody signs in with it, passwords go, and at last the provider, too."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from leadline.console.oidc.providers import NewProvider, Providers
from leadline.console.rights import Role
from leadline.stage.town import Demo
from leadline.store.opened import vault_of
from tests.acceptance.town import until
from tests.browser import photograph, tab
from tests.console.acting import session_of, signed_in
from tests.console.shell.test_permissions import greet, opened
from tests.openid import CLIENT, SECRET, OpenIdProvider, providing

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def acme() -> AsyncIterator[OpenIdProvider]:
    """In the loop of the browser, with a page of its own."""
    async with providing() as provider:
        provider.asks = True
        yield provider


@pytest.mark.long
async def test_people_sign_in_with_a_provider_that_an_owner_added(
    demo: Demo, browser: Browser, acme: OpenIdProvider
) -> None:
    async with signed_in(demo, browser, Role.OWNER) as owner:
        await owner.goto("/console/team")
        await owner.get_by_test_id("sign-in-page").click()
        await add(owner, acme)
        await owner.goto("/console/team")
        await owner.get_by_test_id("invite-email").fill("ann@example.com")
        await owner.get_by_test_id("invite").click()
        await expect(owner.get_by_test_id("team")).to_contain_text("ann@example.com")

        async with tab(browser, base_url=demo.places.leadline) as ann:
            await come_in(ann, "/console/account")
            await expect(ann.get_by_test_id("who")).to_have_text("ann@example.com")
            await expect(ann.get_by_test_id("sessions")).to_contain_text("by Acme")
            await expect(ann.get_by_test_id("without-password")).to_contain_text("ask an owner for a link")
            await expect(ann.get_by_test_id("new-password")).to_have_count(0)
            await expect(owner.get_by_test_id("team")).to_contain_text("signs in with Acme")
            row = owner.get_by_test_id("row").filter(has_text="ann@example.com")
            await row.get_by_test_id("make-owner").click()
            await owner.get_by_test_id("confirm").click()
            await expect(row.get_by_test_id("make-agent")).to_be_visible()

            await ann.goto("/console/team/sign-in")
            await ann.get_by_test_id("no-passwords").click()
            await ann.get_by_test_id("confirm").click()
            await expect(ann.get_by_test_id("providers")).to_contain_text("not allowed")
            await expect(owner.get_by_role("link", name="Sign in with Acme")).to_be_visible()
            await expect(owner.get_by_label("Password")).to_have_count(0)
            await ann.get_by_test_id("passwords").click()
            await expect(ann.get_by_test_id("providers")).to_contain_text("also allowed")
            await ann.get_by_test_id("remove").click()
            await ann.get_by_test_id("confirm").click()
            await expect(ann.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
            await expect(ann.get_by_role("link", name="Sign in with Acme")).to_have_count(0)


async def test_what_an_owner_enters_wrongly_is_said_and_changed(
    demo: Demo, browser: Browser, acme: OpenIdProvider
) -> None:
    async with signed_in(demo, browser, Role.OWNER) as page:
        await page.goto("/console/team/sign-in")
        await page.get_by_test_id("kind").select_option("other")
        acme.document = {"issuer": "https://another.example"}
        await page.get_by_test_id("issuer").fill(acme.issuer)
        await page.get_by_test_id("next").click()
        await expect(page.get_by_text("calls itself https://another.example")).to_be_visible()
        await page.get_by_role("button", name="Close").click()
        acme.document = {}
        await add(page, acme)
        await page.get_by_test_id("open-change").click()
        await page.get_by_test_id("change").get_by_test_id("by-domain").select_option("agent")
        await page.get_by_test_id("change").get_by_test_id("domains").fill("example.org")
        await page.get_by_test_id("save-change").click()
        await expect(page.get_by_test_id("providers")).to_contain_text("people of example.org, as agent")
        await page.get_by_test_id("test").click()
        await expect(page.get_by_text("Acme answers")).to_be_visible()
        await page.get_by_test_id("remove").click()
        await page.get_by_test_id("confirm").click()
        await expect(page.get_by_test_id("providers")).to_contain_text("Only with passwords so far")


async def test_nobody_below_an_owner_changes_how_people_sign_in_also_not_by_forged_events(
    demo: Demo, acme: OpenIdProvider
) -> None:
    workspace_id = demo.leadline.workspace.workspace_id
    providers = Providers(demo.leadline.database, vault_of(demo.leadline.settings), workspace_id)
    await providers.add(NewProvider(name="Acme", issuer=acme.issuer, client_id=CLIENT, client_secret=SECRET))
    owner, admin = await session_of(demo.leadline, Role.OWNER), await session_of(demo.leadline, Role.ADMIN)
    path = "/console/team/sign-in"
    async with opened(demo, owner, path) as theirs, opened(demo, admin, path) as mine:
        assert await greet(theirs, theirs.client_id)
        assert await greet(mine, mine.client_id)
        for name in ("test", "open-change", "no-passwords", "remove", "next"):
            with pytest.raises(LookupError):
                mine.press(name)
        event = theirs.press("test")
        await mine.send(event)
        await mine.send(event | {"client_id": mine.client_id})
        assert acme.asked == []
        await theirs.send(event)
        assert await until(lambda: _asked(acme)), "the same event from its own page works"
    await providers.remove("Acme")


async def _asked(acme: OpenIdProvider) -> bool:
    return acme.asked == ["discovery"]


async def add(page: Page, acme: OpenIdProvider) -> None:
    """The two steps of the form."""
    await page.get_by_test_id("kind").select_option("other")
    await page.get_by_test_id("issuer").fill(acme.issuer)
    await page.get_by_test_id("next").click()
    await expect(page.get_by_test_id("new-back")).to_contain_text("/console/sign-in/back/")
    await page.get_by_test_id("new-name").fill("Acme")
    await page.get_by_test_id("client-id").fill(CLIENT)
    await page.get_by_test_id("client-secret").fill(SECRET)
    await photograph(page, "sign-in-new-provider")
    await page.get_by_test_id("add-provider").click()
    await expect(page.get_by_test_id("providers")).to_contain_text(acme.issuer)


async def come_in(page: Page, wanted: str) -> None:
    """By the button, through the provider's page."""
    await page.goto(wanted)
    await photograph(page, "sign-in-with-a-provider")
    await page.get_by_role("link", name="Sign in with Acme").click()
    await page.get_by_role("link", name="Continue as Ann").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Your account")

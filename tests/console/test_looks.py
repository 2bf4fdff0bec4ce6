"""Every page, light and dark, on a desk, a tablet and a phone, in German and from right to left: axe finds nothing
serious, nothing sticks out.

`make check` keeps pictures in test-results, for people to look at.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from babel.messages.pofile import read_po
from playwright.async_api import Browser, Page, expect

from deploy import words
from leadline.console.language import _, speaking
from leadline.console.menu import PAGES
from leadline.console.oidc.providers import NewProvider, Providers
from leadline.console.rights import Role
from leadline.sandbox.seed import KNOWN_USER, LEAD_TWIN
from leadline.stage.town import Demo
from leadline.store.opened import vault_of
from leadline.webhooks import NewWebhook, Webhooks
from tests.acceptance.town import until
from tests.browser import photograph
from tests.console.acting import park, signed_in, speaking_tab
from tests.console.filled import duplicates_in

pytestmark = pytest.mark.asyncio(loop_scope="session")
LOCAL = frozenset({"127.0.0.1"})
WIDTHS = {1440: 900, 768: 1024, 390: 844}
EXAMPLES = {
    "/messages/{number}": "/console/messages/1",
    "/channels/{number}": "/console/channels/1",
    "/people/{contact}": f"/console/people/{KNOWN_USER}",
    "/people/{contact}/move": f"/console/people/{KNOWN_USER}/move?address=tel:%2B353888888999",
    "/people/{contact}/merge": f"/console/people/{LEAD_TWIN}/merge?with={KNOWN_USER}",
    "/webhooks/{number}": "/console/webhooks/1",
    "/duplicates/batches/{number}": "/console/duplicates/batches/1",
}
"""Where a page's address has a part that differs: an address with something to see."""
ALL = [page.title for page in PAGES]
KINDS = {"Today", "Messages", "Person", "Settings", "Connect a channel", "Group of duplicates"}
"""A chart, a list, a story, a table of forms, a long form, cards: `make test` looks at these, `make check` at all."""
NARROW = {"Today", "Person", "Settings"}
"""Those of them on which long words are most in each other's way: `make test` looks at them on a phone in German."""
STICKS_OUT = """() => [...document.querySelectorAll('main *, header *')]
    .filter(e => e.checkVisibility() && getComputedStyle(e.closest('thead') ?? e).clipPath === 'none')
    .filter(e => e.getBoundingClientRect().right > innerWidth + 1
        || document.dir === 'rtl' && e.getBoundingClientRect().left < -1)
    .map(e => `${e.tagName} ${e.className}: ${e.textContent.slice(0, 40)}`).slice(0, 5)"""
READ = """() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), read = [document.title];
    while (walker.nextNode())
        if (!walker.currentNode.parentElement.closest('script, style, .nicegui-error-popup, #esm-fallback'))
            read.push(walker.currentNode.textContent);
    for (const e of document.querySelectorAll('[aria-label], [title], [placeholder], [data-label]'))
        read.push(e.getAttribute('aria-label'), e.title, e.getAttribute('placeholder'), e.dataset.label);
    return read.filter(Boolean).map(text => text.trim()).filter(Boolean);
}"""
"""Everything that is read on a page or read out."""


def titles(looked_at: set[str]) -> list[Any]:
    """Of all pages; `make check` alone looks at the others."""
    return [each if each in looked_at else pytest.param(each, marks=pytest.mark.long) for each in ALL]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def lively(demo: Demo) -> Demo:
    """With something on every page."""
    await demo.writes(demo.channels["twilio_sms"], "+353888888999", "Hi, my parcel has not arrived yet")
    await demo.writes(demo.channels["whatsapp_cloud"], "+447700900123", "Can I change my booking?")
    await demo.writes(demo.channels["telegram"], "55501", "Do you ship to Galway?", name="Róisín Ní Dhomhnaill")
    await demo.writes(demo.channels["whatsapp_cloud"], "+447700900123", "I wrote yesterday")
    await park(demo, "for a number that nobody connected")
    await duplicates_in(demo)
    webhooks = Webhooks(demo.leadline.database, vault_of(demo.leadline.settings), workspace_of(demo), allowed=LOCAL)
    await webhooks.add(NewWebhook(name="Onlineshop", address="http://127.0.0.1:9/leadline"))
    await webhooks.add(NewWebhook(name="Lager", address="https://wh.example.com", events=["contact.merged"]))
    await webhooks.pause("Lager", paused=True)
    await demo.writes(demo.channels["telegram"], "55501", "One more thing, please", name="Róisín Ní Dhomhnaill")
    await until(lambda: tried(webhooks))
    providers = Providers(
        demo.leadline.database, vault_of(demo.leadline.settings), demo.leadline.workspace.workspace_id
    )
    google = NewProvider(name="Google", issuer="https://accounts.google.com", client_id="leadline", client_secret="s")
    await providers.add(google)
    okta = {"name": "Okta", "issuer": "https://acme.okta.com", "domains": ("example.com",), "role": "viewer"}
    await providers.add(msgspec.structs.replace(google, **okta))
    workspace_id, duplicates = demo.leadline.workspace.workspace_id, demo.leadline.duplicates
    found = (await duplicates.review.groups(workspace_id)).groups
    for one in (one for one in found if one.steps and len(one.members) == 2):
        await duplicates.merge(workspace_id, one.group_id, author="maya@example.com")
        break
    EXAMPLES["/duplicates/{contact}"] = f"/console/duplicates/{max(found, key=lambda one: len(one.members)).group_id}"
    return demo


def workspace_of(demo: Demo) -> str:
    return demo.leadline.workspace.workspace_id


async def tried(webhooks: Webhooks) -> bool:
    """Whether an event was sent, and not taken."""
    return any(each["state"] == "trying" for each in await webhooks.deliveries("Onlineshop", count=10))


async def opened(page: Page, address: str) -> None:
    """There is something to see, and not only a word that there is nothing."""
    answer = await page.goto(address)
    assert answer is not None
    assert answer.status == 200, address


async def axe(page: Page) -> list[str]:
    """What axe calls serious or critical."""
    found = (await Axe().run(page)).response["violations"]
    return [
        f"{each['id']}: {each['help']}: {[node['html'][:160] for node in each['nodes'][:3]]}"
        for each in found
        if each["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.long)])
@pytest.mark.parametrize("name", titles(KINDS))
async def test_a_page_is_readable_for_everybody_everywhere(
    lively: Demo, browser: Browser, name: str, scheme: str
) -> None:
    one = next(page for page in PAGES if page.title == name)
    async with signed_in(lively, browser, Role.OWNER) as page:
        await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        await opened(page, EXAMPLES.get(one.path, one.address))
        await expect(page.get_by_role("heading", level=1)).to_have_text(one.title)
        troubles = await axe(page)
        for width, height in WIDTHS.items():
            await page.set_viewport_size({"width": width, "height": height})
            await photograph(page, f"{file_of(one.title)}-{width}-{scheme}", whole=True)
            troubles += [f"{width}: {each}" for each in await page.evaluate(STICKS_OUT)]
        if scheme == "dark":  # in the light one axe looks at the phone in German
            troubles += await axe(page)
    assert troubles == []


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.long)])
async def test_the_form_to_sign_in_is_readable_too(demo: Demo, browser: Browser, scheme: str) -> None:
    async with signed_in(demo, browser, Role.OWNER) as page:
        await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        await page.goto("/console/sign-in")
        assert await axe(page) == []
        for width, height in WIDTHS.items():
            await page.set_viewport_size({"width": width, "height": height})
            await photograph(page, f"sign-in-{width}-{scheme}")


@pytest.mark.parametrize("name", titles(NARROW))
async def test_a_page_in_german_holds_no_english_and_fits_on_a_phone(lively: Demo, browser: Browser, name: str) -> None:
    one = next(page for page in PAGES if page.title == name)
    async with speaking_tab(lively, browser, "de") as page:
        await page.set_viewport_size({"width": 390, "height": WIDTHS[390]})
        await opened(page, EXAMPLES.get(one.path, one.address))
        with speaking("de"):
            await expect(page.get_by_role("heading", level=1)).to_have_text(_(one.title))
        assert await page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == ["de", "ltr"]
        await photograph(page, f"{file_of(one.title)}-390-de", whole=True)
        assert [text for text in await page.evaluate(READ) if is_english(text)] == []
        assert await page.evaluate(STICKS_OUT) == []
        assert await axe(page) == []


async def test_on_a_phone_the_menu_is_folded_until_it_is_asked_for(demo: Demo, browser: Browser) -> None:
    async with signed_in(demo, browser, Role.OWNER) as page:
        await page.set_viewport_size({"width": 390, "height": WIDTHS[390]})
        await page.goto("/console")
        menu, link = page.get_by_test_id("menu"), page.get_by_role("link", name="Waiting", exact=True)
        await expect(link).to_be_hidden()
        await menu.press("Enter")
        await expect(menu).to_have_attribute("aria-expanded", "true")
        assert await axe(page) == []
        await menu.press("Enter")
        await expect(link).to_be_hidden()
        await page.keyboard.type("gm")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Messages")


@pytest.mark.long
@pytest.mark.parametrize("name", ALL)
async def test_a_page_in_arabic_is_written_from_right_to_left(lively: Demo, browser: Browser, name: str) -> None:
    one = next(page for page in PAGES if page.title == name)
    async with speaking_tab(lively, browser, "ar") as page:
        await opened(page, EXAMPLES.get(one.path, one.address))
        await expect(page.locator("html[lang=ar][dir=rtl]")).to_have_count(1)
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        troubles = []
        for width, height in WIDTHS.items():
            await page.set_viewport_size({"width": width, "height": height})
            await photograph(page, f"{file_of(one.title)}-{width}-ar", whole=True)
            troubles += [f"{width}: {each}" for each in await page.evaluate(STICKS_OUT)]
    assert troubles == []


@pytest.mark.parametrize(("code", "title"), [("de", "Anmelden"), ("ar", "تسجيل الدخول")])
async def test_the_form_to_sign_in_in_another_language_fits_on_a_phone(
    demo: Demo, browser: Browser, code: str, title: str
) -> None:
    async with signed_in(demo, browser, Role.OWNER) as page:
        await page.set_viewport_size({"width": 390, "height": WIDTHS[390]})
        await page.goto("/console/sign-in")
        await page.locator(f"a[lang={code}]").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text(title)
        await photograph(page, f"sign-in-390-{code}", whole=True)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert await axe(page) == []


def file_of(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower())


@cache
def english() -> re.Pattern[str]:
    """Every text of the catalogue that German says otherwise; a name in braces may be anything."""
    with words.place("de").open("rb") as written:
        catalogue = read_po(written, locale="de")
    texts: set[str] = set()
    for message in catalogue:
        if message.id and message.id != message.string:
            texts |= {message.id} if isinstance(message.id, str) else {*message.id}
    whole = {text for text in texts if "{" not in text or len(re.sub(r"{\w+}|\W", "", text)) > 12}
    return re.compile("|".join(re.sub(r"\\{\w+\\}", ".+", re.escape(text)) for text in whole))


def is_english(text: str) -> bool:
    return bool(english().fullmatch(text))


async def test_a_printed_page_is_the_page_alone(lively: Demo, browser: Browser) -> None:
    async with signed_in(lively, browser, Role.OWNER) as page:
        await opened(page, EXAMPLES["/messages/{number}"])
        await expect(page.get_by_test_id("chosen")).to_be_visible()
        await page.emulate_media(media="print", color_scheme="dark")
        for name in ("menu", "sign-out", "who"):
            await expect(page.get_by_test_id(name)).to_be_hidden()
        await expect(page.get_by_role("navigation", name="Console")).to_be_hidden()
        await expect(page.get_by_role("heading", level=1)).to_have_css("color", "rgb(0, 0, 0)")
        tag = page.get_by_test_id("reason")
        await expect(tag).to_have_css("background-color", "rgb(237, 240, 244)")  # light, also for who reads in the dark
        await photograph(page, "message-printed", whole=True)

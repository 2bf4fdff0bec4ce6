"""A channel is connected by its form, proved, changed, paused, removed by its name, and brought back."""

from __future__ import annotations

from time import monotonic

import pytest
from playwright.async_api import Browser, Page, expect

from leadline.channels import CHANNELS
from leadline.channels.fields import choices, description, fields_for
from leadline.console.language import _, speaking
from leadline.console.rights import Role
from leadline.console.shell import kept
from leadline.stage.scene import Stage
from leadline.stage.town import Demo
from tests.acceptance.town import until
from tests.browser import photograph
from tests.console.acting import email_of, session_of, signed_in, speaking_tab
from tests.console.shell.test_permissions import greet, opened
from tests.people.statements import counted

pytestmark = pytest.mark.asyncio(loop_scope="session")
TOKEN = "1f7c93b0a4d25e886b1c0f9d7e3a5284"


async def closed(page: Page, words: str) -> None:
    """A word that stays until it is closed."""
    await expect(page.get_by_role("alert").filter(has_text=words)).to_be_visible()
    await page.get_by_role("button", name="Close").click()


async def test_a_channel_from_its_form_to_its_end_and_back(demo: Demo, browser: Browser) -> None:
    workspace_id = demo.leadline.workspace.workspace_id
    async with signed_in(demo, browser, Role.ADMIN) as page:
        await page.goto("/console/channels")
        await page.get_by_role("link", name="Connect a channel").click()
        await page.get_by_role("link", name="Twilio SMS").click()
        await page.get_by_test_id("name").fill("Shop")
        await page.get_by_test_id("field-account_sid").fill("no account")
        await page.wait_for_timeout(3_000)  # what is typed stays while the page keeps itself up to date
        await page.get_by_test_id("field-auth_token").fill(TOKEN)
        await page.get_by_test_id("connect").click()
        await expect(page.get_by_text("This must be AC and 32 letters and digits")).to_be_visible()
        await page.get_by_role("button", name="Close").click()
        await photograph(page, "channel-form")
        await page.get_by_test_id("field-account_sid").fill("AC" + "0123456789abcdef" * 2)
        await page.get_by_text("More settings").click()
        await page.get_by_test_id("field-number").fill("+14155550177")
        await page.get_by_test_id("field-api_url").fill("http://127.0.0.1:9")
        await page.get_by_test_id("connect").click()
        await expect(page.get_by_text("Saved, not proved")).to_be_visible()
        await page.get_by_role("button", name="Close").click()
        await page.goto("/console/channels")
        line = page.get_by_test_id("channel").filter(has_text="Shop")
        await expect(line.get_by_test_id("state")).to_have_text("saved, not proved")
        before = await line.get_by_test_id("webhook").text_content()
        await line.get_by_test_id("open").click()
        await page.get_by_test_id("rotate").click()
        await page.get_by_test_id("confirm").click()
        await expect(page.get_by_test_id("webhook")).not_to_have_text(before or "")
        await page.get_by_test_id("typed-name").fill("shop")
        await page.get_by_test_id("remove").click()
        await expect(page.get_by_text("Type the name of the channel")).to_be_visible()
        await page.get_by_role("button", name="Close").click()
        await page.get_by_test_id("typed-name").fill("Shop")
        await page.get_by_test_id("remove").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Channels")
        await expect(line).to_have_count(0)
        await photograph(page, "channels")
        await page.get_by_test_id("removed").get_by_test_id("restore").click()
        await expect(line).to_have_count(1)
        await page.get_by_test_id("channel").filter(has_text="Telegram").get_by_test_id("prove").click()
        await expect(page.get_by_text("accepts the credentials")).to_be_visible()
    rows = await demo.leadline.channels.listed(workspace_id)
    assert [row.settings["auth_token"] for row in rows if row.name == "Shop"] == [TOKEN]


async def test_other_credentials_are_proved_and_what_is_not_typed_stays(demo: Demo, browser: Browser) -> None:
    row = demo.channels["telegram"]
    token = row.settings["bot_token"]
    async with signed_in(demo, browser, Role.ADMIN) as page:
        await page.goto(f"/console/channels/{row.channel_id}")
        await page.get_by_test_id("save").click()
        await closed(page, "Nothing was changed")
        for field, words in (("9" * 9 + ":" + "x" * 35, "Saved, not proved"), (token, "accepts the credentials")):
            await page.get_by_test_id("field-bot_token").fill(field)
            await page.get_by_test_id("save").click()
            await closed(page, words) if field != token else await expect(page.get_by_text(words)).to_be_visible()
        await expect(page.get_by_test_id("standing").get_by_test_id("state")).to_have_text("connected")
    now = await demo.leadline.channels.by_id(row.workspace_id, row.channel_id)
    assert now is not None
    assert (now.settings, now.is_proved, now.key) == (row.settings, True, row.key)


async def test_a_secret_that_leadline_made_is_renewed_shown_once_and_told_to_the_provider(
    demo: Demo, browser: Browser
) -> None:
    before = demo.channels["telegram"]
    async with signed_in(demo, browser, Role.ADMIN) as page:
        await page.goto(f"/console/channels/{before.channel_id}")
        await page.get_by_test_id("renew-secret_token").click()
        await page.get_by_test_id("confirm").click()
        shown = await page.get_by_test_id("renewed-value").text_content()
        await expect(page.get_by_test_id("standing").get_by_test_id("state")).to_have_text("connected")
        await page.reload()
        await expect(page.get_by_test_id("renewing")).to_be_visible()
        await expect(page.get_by_test_id("renewed-value")).to_have_count(0)
        await page.goto(f"/console/channels/{demo.channels['twilio_sms'].channel_id}")
        await expect(page.get_by_test_id("change")).to_be_visible()
        await expect(page.get_by_test_id("renewing")).to_have_count(0)
    now = await demo.leadline.channels.by_id(before.workspace_id, before.channel_id)
    assert now is not None
    assert (now.settings["secret_token"], now.key) == (shown, before.key)
    assert before.settings.get("secret_token", "") != shown
    assert (await demo.writes(before, "55502", "Still here?", name="Nia")).status == 200


async def test_nobody_below_an_admin_renews_a_secret_also_not_by_forged_events(demo: Demo) -> None:
    """The button asks first, so that the event alone only opens the question, and only for whoever may."""
    before, path = demo.channels["telegram"], f"/console/channels/{demo.channels['telegram'].channel_id}"
    admin, agent = await session_of(demo.leadline, Role.ADMIN), await session_of(demo.leadline, Role.AGENT)
    async with opened(demo, admin, path) as theirs, opened(demo, agent, path) as mine:
        assert await greet(theirs, theirs.client_id)
        assert await greet(mine, mine.client_id)
        with pytest.raises(LookupError):
            mine.press("renew-secret_token")
        event = theirs.press("renew-secret_token")
        now = await demo.leadline.channels.by_id(before.workspace_id, before.channel_id)
        await mine.send(event)
        await mine.send(event | {"client_id": mine.client_id})
        assert await demo.leadline.channels.by_id(before.workspace_id, before.channel_id) == now


async def test_the_same_number_is_not_connected_twice(demo: Demo, browser: Browser) -> None:
    settings = demo.channels["twilio_sms"].settings
    async with signed_in(demo, browser, Role.ADMIN) as page:
        await page.goto("/console/channels/new?provider=twilio_sms")
        await page.get_by_test_id("name").fill("Repeat the password")
        for field in ("account_sid", "auth_token"):
            await page.get_by_test_id(f"field-{field}").fill(settings[field])
        await page.get_by_text("More settings").click()
        await page.get_by_test_id("field-number").fill(settings["number"])
        await page.get_by_test_id("connect").click()
        await closed(page, "is connected already")
    rows = await demo.leadline.channels.listed(demo.leadline.workspace.workspace_id)
    assert "Repeat the password" not in [row.name for row in rows]


async def test_a_channel_is_paused_and_goes_on(demo: Demo, browser: Browser) -> None:
    sms = demo.channels["twilio_sms"]
    async with signed_in(demo, browser, Role.ADMIN) as page:
        await page.goto("/console/channels")
        line = page.get_by_test_id("channel").filter(has_text="+1 415-555-0100")
        await line.get_by_test_id("pause").click()
        await page.get_by_test_id("confirm").click()
        await expect(line.get_by_test_id("state")).to_have_text("paused")
        assert (await demo.writes(sms, "+353861119999", "Is anybody there?")).status == 200
        await expect(line).to_contain_text("1 message set aside")
        await photograph(page, "channels-paused")
        await line.get_by_test_id("resume").click()
        await expect(page.get_by_text("1 message that waited is being processed")).to_be_visible()
        await expect(line.get_by_test_id("state")).to_have_text("connected")
        await expect(line).not_to_contain_text("set aside")
    async with demo.leadline.database.connection() as connection:
        rows = await connection.execute(
            "select actor, act from audit where act ~ '(paused|resumed|retried)' order by at"
        )
        acts = [(row["actor"], row["act"]) async for row in rows]
    assert acts == [(email_of(Role.ADMIN), "channel.paused"), (email_of(Role.ADMIN), "channel.resumed")]


async def test_an_operator_who_may_only_look_sees_no_address(demo: Demo, browser: Browser) -> None:
    async with signed_in(demo, browser, Role.AGENT) as page:
        await page.goto("/console/channels")
        await expect(page.get_by_test_id("channel").filter(has_text="Telegram")).to_have_count(1)
        await expect(page.get_by_test_id("webhook")).to_have_count(0)
        assert "/in/" not in await page.content()


async def test_nobody_below_an_admin_resumes_a_channel_also_not_by_forged_events(demo: Demo) -> None:
    row, pauses = demo.channels["whatsapp_cloud"], demo.leadline.connections.pauses

    async def is_paused() -> bool:
        now = await demo.leadline.channels.by_id(row.workspace_id, row.channel_id)
        return now is not None and now.is_paused

    async def goes_on() -> bool:
        return not await is_paused()

    await pauses.pause(row.workspace_id, row.channel_id)
    admin, viewer = await session_of(demo.leadline, Role.ADMIN), await session_of(demo.leadline, Role.VIEWER)
    async with opened(demo, admin, "/console/channels") as theirs, opened(demo, viewer, "/console/channels") as mine:
        assert await greet(theirs, theirs.client_id)
        assert await greet(mine, mine.client_id)
        with pytest.raises(LookupError):
            mine.press("resume")
        event = theirs.press("resume")
        await mine.send(event)
        await mine.send(event | {"client_id": mine.client_id})
        assert await is_paused()
        await theirs.send(event)
        assert await until(goes_on), "the same event from its own page works"


async def test_nobody_below_an_admin_connects_intercom_also_not_by_forged_events(demo: Demo) -> None:
    """The same button asks Intercom for whoever may: what it did is seen at Intercom."""
    owner, agent = await session_of(demo.leadline, Role.OWNER), await session_of(demo.leadline, Role.AGENT)
    async with opened(demo, owner, "/console/setup") as theirs, opened(demo, agent, "/console") as mine:
        assert await greet(theirs, theirs.client_id)
        assert await greet(mine, mine.client_id)
        event = theirs.press("prove-intercom")
        before = await tags_read(demo)
        await mine.send(event)
        await mine.send(event | {"client_id": mine.client_id})
        assert await tags_read(demo) == before
        await theirs.send(event)

        async def asked() -> bool:
            return await tags_read(demo) > before

        assert await until(asked), "the same event from its own page works"


async def tags_read(demo: Demo) -> int:
    """How often Intercom was asked for its tags: that is what proving asks, and nothing else here."""
    routes = (await Stage(demo).ask("GET", "/_sandbox/calls"))["routes"]
    return int(routes.get("GET /tags", 0))


async def test_many_who_look_at_the_channels_cost_one_reading(
    demo: Demo, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What of the last 20,000 messages is shown is read once in a while, whoever looks and how often the page asks."""
    later = monotonic() + 1_000
    monkeypatch.setattr(kept, "monotonic", lambda: later)
    channel = demo.channels["twilio_sms"].channel_id

    async def look() -> None:
        for path in ("/console/channels", f"/console/channels/{channel}", f"/console/channels/{channel}"):
            async with signed_in(demo, browser, Role.ADMIN) as page:
                await page.goto(path)
                await expect(page.locator("[data-testid=channels], [data-testid=standing]")).to_be_visible()

    found = await counted(monkeypatch, look())
    wanted = ("channels_last_heard", "channels_sent", "channel_failures")
    assert {name: found.get(name, 0) for name in wanted} == {
        "channels_last_heard": 1,
        "channels_sent": 1,
        "channel_failures": 1,
    }


async def test_browsers_understand_the_shape_of_every_credential(demo: Demo, browser: Browser) -> None:
    shapes = {pattern for each in CHANNELS.values() for pattern, _words in each.settings.shapes.values()}
    async with signed_in(demo, browser, Role.ADMIN) as page:
        await page.goto("/console/channels")
        read = "patterns => patterns.filter(each => { try { RegExp(each, 'v') } catch { return true } })"
        assert await page.evaluate(read, sorted(shapes)) == []
    assert len(shapes) > 5


@pytest.mark.parametrize("provider", ["twilio_sms", "telegram", "slack"])
async def test_a_form_asks_in_german_on_a_german_page_and_lets_choose_where_there_is_a_choice(
    demo: Demo, browser: Browser, provider: str
) -> None:
    adapter = CHANNELS[provider]
    async with speaking_tab(demo, browser, "de") as page:
        await page.goto(f"/console/channels/new?provider={provider}")
        await page.locator("summary", has_text="Weitere Einstellungen").click()
        for name, field in fields_for(adapter).items():
            words, drawn = description(adapter, name), page.get_by_test_id(f"field-{name}")
            with speaking("de"):
                assert _(words) != words
                await expect(page.locator("label", has=drawn)).to_contain_text(_(words))
            if choices(field.type):
                await expect(drawn.locator("option")).to_have_text(["nein", "ja"])


async def test_what_to_do_at_the_provider_is_german_on_a_german_page(demo: Demo, browser: Browser) -> None:
    row = demo.channels["twilio_sms"]
    async with speaking_tab(demo, browser, "de") as page:
        await page.goto(f"/console/channels/{row.channel_id}")
        await page.locator("summary", has_text="Was beim Anbieter zu tun ist").click()
        await expect(page.locator(".ll-steps")).to_contain_text("Öffnen Sie in der Konsole von Twilio")
        await expect(page.locator(".ll-steps")).to_contain_text(f"/in/{row.key}#rc=5")


async def test_every_step_at_a_provider_keeps_its_addresses_in_german() -> None:
    places = {"url": "https://one.example", "status_url": "https://two.example"}
    with speaking("de"):
        for step in (step for adapter in CHANNELS.values() for step in adapter.setup):
            english, german = step.format(**places), _(step, **places)
            assert german != english
            assert [german.count(each) for each in places.values()] == [english.count(each) for each in places.values()]

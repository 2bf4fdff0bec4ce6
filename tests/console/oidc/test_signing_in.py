"""Signing in by a provider, from the button to the page that was asked for: whom that lets in, as what, and where."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from leadline.console.guard import COOKIE
from leadline.console.oidc import accounts
from leadline.console.oidc.providers import Change, NewProvider, Providers
from leadline.console.rights import Role
from leadline.console.signin.operators import Operators
from leadline.errors import SettingError
from leadline.store.database import Database
from leadline.store.resealing import reseal
from leadline.store.vault import Vault
from tests.console.oidc.house import VAULT, Browser, SignOnHouse, enter, read, session, there
from tests.console.signin.test_sign_in import PASSWORD, new_browser
from tests.openid import OpenIdProvider, providing


async def test_an_invited_operator_signs_in_and_lands_on_the_page_they_asked_for(
    house: SignOnHouse, acme: OpenIdProvider, browser: Browser
) -> None:
    await house.connect(acme)
    await house.invite("ann@example.com", Role.ADMIN)
    status, page = await read(browser, f"{house.place}/console/people")
    assert (status, "Sign in with Acme" in page, "or with a password" in page) == (200, True, True)
    back = await there(browser, house.way(acme, wanted="%2Fconsole%2Fpeople%3Fq%3DAnn"))
    async with browser.get(back) as answer:
        assert await answer.text() == "ann@example.com admin"
        assert (answer.url.path, answer.url.query_string) == ("/console/people", "q=Ann")
    assert [each.key for each in browser.cookie_jar] == [COOKIE], "the other one has done its work"
    assert await acts(house.database) == ["user.linked", "session.begun"]
    assert acme.asked == ["discovery", "token"], "what the token says is enough"


@pytest.mark.parametrize("in_body", [False, True])
async def test_the_secret_is_shown_as_the_provider_wants_it(
    house: SignOnHouse, acme: OpenIdProvider, browser: Browser, in_body: bool
) -> None:
    acme.in_body = in_body
    await house.connect(acme)
    await house.invite("ann@example.com")
    assert await enter(house, acme, browser) == (200, "ann@example.com agent")


async def test_a_new_session_takes_the_place_of_the_one_before(
    house: SignOnHouse, acme: OpenIdProvider, browser: Browser
) -> None:
    await house.connect(acme)
    await house.invite("ann@example.com")
    await enter(house, acme, browser)
    old = session(browser)
    await enter(house, acme, browser)
    assert session(browser) != old
    assert await house.sessions.seat(old, used=False) is None


async def test_the_account_stays_theirs_when_its_address_changes_there(
    house: SignOnHouse, acme: OpenIdProvider, browser: Browser
) -> None:
    await house.connect(acme)
    for email in ("ann@example.com", "bo@example.com"):
        await house.invite(email)
    await enter(house, acme, browser)
    for changed in ({"email": "bo@example.com"}, {"email": "x@elsewhere.example", "email_verified": False}):
        acme.person |= changed
        assert await enter(house, acme, browser) == (200, "ann@example.com agent")
    del acme.person["email"]
    assert await enter(house, acme, browser) == (200, "ann@example.com agent")


async def test_another_account_with_the_same_address_is_refused_until_an_owner_unlinks_the_first(
    house: SignOnHouse, acme: OpenIdProvider, browser: Browser
) -> None:
    await house.connect(acme)
    await house.invite("ann@example.com")
    await enter(house, acme, browser)
    acme.person["sub"] = "somebody else"
    async with new_browser() as other:
        status, page = await enter(house, acme, other)
        assert (status, "ann@example.com is linked to another account at Acme" in page) == (403, True)
        assert "user.not_linked" in await acts(house.database)
        assert await house.operators.unlink("ann@example.com") == 1
        assert await house.sessions.seat(session(browser), used=False) is None, "who came by the old account is out"
        assert await enter(house, acme, other) == (200, "ann@example.com agent")


async def test_a_stranger_stays_out_even_with_an_address_of_the_same_domain(
    house: SignOnHouse, acme: OpenIdProvider, browser: Browser
) -> None:
    await house.connect(acme)
    status, page = await enter(house, acme, browser)
    assert (status, "ann@example.com is not invited to this console" in page) == (403, True)
    assert (session(browser), await house.operators.listed()) == ("", [])


async def test_people_of_a_domain_come_in_with_its_role_and_no_others(
    house: SignOnHouse, acme: OpenIdProvider, browser: Browser
) -> None:
    await house.connect(acme, domains=["@Example.com"], role="viewer")
    assert await enter(house, acme, browser) == (200, "ann@example.com viewer")
    await house.operators.give_role("ann@example.com", Role.OWNER)
    assert await enter(house, acme, browser) == (200, "ann@example.com owner"), "roles stay ours"
    for email in ("eve@notexample.com", "eve@example.com.evil.example", "eve@sub.example.com"):
        acme.person = {"sub": email, "email": email, "email_verified": True}
        async with new_browser() as other:
            assert (await enter(house, acme, other))[0] == 403


async def test_of_googles_accounts_only_those_that_the_company_runs_come_in_by_its_domain(
    house: SignOnHouse, acme: OpenIdProvider, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "GOOGLE", acme.issuer)
    await house.connect(acme, domains=["example.com"], role="agent")
    assert (await enter(house, acme, browser))[0] == 403
    acme.person["hd"] = "example.com"
    assert await enter(house, acme, browser) == (200, "ann@example.com agent")


async def test_a_removed_operator_is_signed_out_and_does_not_come_back_by_the_domain(
    house: SignOnHouse, acme: OpenIdProvider, browser: Browser
) -> None:
    await house.connect(acme, domains=["example.com"], role="viewer")
    await house.owner()
    acme.person = {"sub": "bo", "email": "bo@example.com", "email_verified": True}
    assert await enter(house, acme, browser) == (200, "bo@example.com viewer")
    await house.operators.remove("bo@example.com")
    assert "Sign in" in (await read(browser, f"{house.place}/console"))[1]
    for changed in ({}, {"email": "bobby@example.com"}, {"sub": "bo's other account", "email": "Bo@example.com"}):
        acme.person |= changed
        status, page = await enter(house, acme, browser)
        assert (status, "You were removed from this console" in page) == (403, True)
    await house.invite("bo@example.com", Role.AGENT)
    acme.person |= {"sub": "bo", "email": "bo@example.com"}
    assert await enter(house, acme, browser) == (200, "bo@example.com agent")


async def test_a_providers_word_leads_into_its_own_workspace_and_no_other(
    house: SignOnHouse, acme: OpenIdProvider, browser: Browser
) -> None:
    """Whoever runs a provider for one workspace must not become its people in another one."""
    await house.connect(acme, "mine")
    await house.invite("ann@example.com", Role.VIEWER, "mine")
    await house.invite("ann@example.com", Role.OWNER, "theirs")
    assert await enter(house, acme, browser, "mine") == (200, "ann@example.com viewer")
    token = session(browser)
    assert await house.sessions.seat(token, used=False, workspace_id="theirs") is None
    assert await house.sessions.workspaces(token) == ["mine"]
    assert (await read(browser, f"{house.place}/console?workspace=theirs"))[0] == 403


async def test_an_invitation_is_no_way_into_a_workspace_in_which_somebody_has_no_password_yet(
    house: SignOnHouse,
) -> None:
    await house.invite("ann@example.com", Role.OWNER, "theirs")
    assert await Operators(house.database, "mine", house.place).invite("ann@example.com", Role.VIEWER) == ""


async def test_without_passwords_nobody_comes_in_by_one_and_who_had_is_signed_out(
    house: SignOnHouse, acme: OpenIdProvider, browser: Browser
) -> None:
    await house.owner()
    providers = await house.connect(acme)
    with pytest.raises(SettingError, match="No owner has signed in with Acme yet"):
        await providers.change("Acme", Change(passwords=False))
    assert await enter(house, acme, browser) == (200, "ann@example.com owner")
    assert await house.get("/console") == (200, "ann@example.com owner")
    await providers.change("Acme", Change(passwords=False))
    assert await read(browser, f"{house.place}/console") == (200, "ann@example.com owner")
    status, page = await house.get("/console")
    assert (status, "Sign in with Acme" in page, "Password" in page) == (200, True, False)
    status, page = await house.post("/console/sign-in", email="ann@example.com", password=PASSWORD)
    assert (status, "None of your workspaces accepts passwords" in page) == (403, True)
    assert await house.operators.invite("bo@example.com", Role.AGENT) == ""
    assert await house.operators.instead() == "They sign in with Acme."
    with pytest.raises(SettingError, match="Passwords do not work in this workspace"):
        await house.operators.reset("bo@example.com")
    assert await house.operators.first_link() == ""
    await providers.change("acme", Change(passwords=True))
    assert (await house.post("/console/sign-in", email="ann@example.com", password=PASSWORD))[0] == 200


async def test_with_a_provider_removed_who_came_by_it_is_out_and_its_address_is_gone(
    house: SignOnHouse, acme: OpenIdProvider, browser: Browser
) -> None:
    providers = await house.connect(acme)
    await house.invite("ann@example.com")
    back = await there(browser, house.way(acme))
    async with new_browser() as other:
        await enter(house, acme, other)
        assert await providers.remove("Acme") == "Acme"
        assert "Sign in" in (await read(other, f"{house.place}/console"))[1]
    for address, status in ((back, 403), (house.way(acme), 404)):
        assert await read(browser, address) == (
            status,
            "You are not signed in This provider can no longer be used to sign in here. Choose another way. Sign in",
        )


async def test_an_address_that_the_token_leaves_out_is_asked_for_and_is_the_same_persons(
    house: SignOnHouse, acme: OpenIdProvider, browser: Browser
) -> None:
    await house.connect(acme)
    await house.invite("ann@example.com")
    acme.userinfo = {"sub": "somebody else", "email": "ann@example.com", "email_verified": True}
    acme.person = {"sub": "ann"}
    assert (await enter(house, acme, browser))[0] == 403
    acme.userinfo["sub"] = "ann"
    assert await enter(house, acme, browser) == (200, "ann@example.com agent")


async def test_the_provider_may_change_its_keys_at_any_time(
    house: SignOnHouse, acme: OpenIdProvider, browser: Browser
) -> None:
    await house.connect(acme)
    await house.invite("ann@example.com")
    for _ in range(2):
        assert await enter(house, acme, browser) == (200, "ann@example.com agent")
        acme.rotate()
    assert acme.asked.count("discovery") == 1, "where people sign in is not asked each time"


async def test_two_who_come_in_at_once_by_one_address_are_one_person(house: SignOnHouse, acme: OpenIdProvider) -> None:
    await house.connect(acme, domains=["example.com"], role="viewer")
    async with new_browser() as one, new_browser() as other:
        came = await asyncio.gather(enter(house, acme, one), enter(house, acme, other))
    assert [status for status, _ in came] == [200, 200], came
    assert len(await house.operators.listed()) == 1


async def test_of_two_providers_each_knows_its_own_accounts(house: SignOnHouse, browser: Browser) -> None:
    async with providing() as one, providing() as other:
        await house.connect(one, name="One")
        await house.connect(other, name="Other")
        for email in ("ann@example.com", "bo@example.com"):
            await house.invite(email)
        await enter(house, one, browser)
        other.person["email"] = "bo@example.com"
        assert await enter(house, other, browser) == (200, "bo@example.com agent"), "the same sub, another issuer"
    people = {row["email"]: row["accounts"] for row in await house.operators.listed()}
    assert people == {"ann@example.com": ["One"], "bo@example.com": ["Other"]}


async def test_the_secret_is_sealed_and_sealed_anew(house: SignOnHouse, acme: OpenIdProvider, browser: Browser) -> None:
    providers = await house.connect(acme)
    await house.invite("ann@example.com")
    async with house.database.connection() as connection:
        kept = str(await (await connection.execute("select * from identity_provider")).fetchall())
    assert "of+our" not in kept
    assert "client_secret" not in str(await providers.listed())
    newer = Vault("0b7c1d94e5f2a3864c9d0e1f2a3b4c5d", ["4f9d2c7be18a60353c1b9e7a5d40f682"])
    assert (await reseal(house.database, newer)).counts["identity_provider"] == 1
    with pytest.raises(SettingError):
        await providers.by_name("Acme")
    status, page = await read(browser, house.way(acme))
    assert (status, "Choose another way" in page) == (404, True), "and nobody reads why but in the log"


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"issuer": "accounts.google.com"}, "whole address"),
        ({"issuer": "https://user:password@idp.example"}, "whole address"),
        ({"issuer": "file:///etc/passwd"}, "whole address"),
        ({"issuer": "https://idp.example/?x=1"}, "must not contain"),
        ({"issuer": "https://login.microsoftonline.com/{tenant}/v2.0"}, "must not contain"),
        ({"name": "7"}, "not a number"),
        ({"name": "G\u202eoogle"}, "needs a name"),
        ({"client_id": " "}, "client id"),
        ({"client_secret": ""}, "client secret"),
        ({"domains": ["example.com"]}, "Give both"),
        ({"role": "viewer"}, "Give both"),
        ({"domains": ["example.com"], "role": "admin"}, "viewer or agent"),
        ({"domains": ["localhost"], "role": "viewer"}, "is not an e-mail domain"),
        ({"domains": ["gmail.com"], "role": "viewer"}, "Anybody can get an address"),
    ],
)
async def test_what_cannot_be_right_is_refused_in_one_line(
    store: Database, given: dict[str, object], word: str
) -> None:
    new = NewProvider(name="Acme", issuer="https://idp.example", client_id="c", client_secret="s")
    with pytest.raises(SettingError, match=word):
        await Providers(store, VAULT, "ws").add(msgspec.structs.replace(new, **given))


async def test_two_providers_of_one_name_or_one_address_are_refused(house: SignOnHouse, acme: OpenIdProvider) -> None:
    await house.connect(acme)
    with pytest.raises(SettingError, match="already"):
        await house.connect(acme, name="Another name")
    async with providing() as other:
        with pytest.raises(SettingError, match="already"):
            await house.connect(other, name="ACME")


async def acts(database: Database) -> list[str]:
    async with database.connection() as connection:
        rows = await connection.execute("select act from audit order by audit_id")
        return [row["act"] async for row in rows]

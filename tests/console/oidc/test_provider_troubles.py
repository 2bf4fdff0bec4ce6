"""Providers that lie, fail or stand inside, and pages that show what they said."""

from __future__ import annotations

import pytest

from tests.console.oidc.house import UNPROVED, Browser, SignOnHouse, house_of, read, refused
from tests.openid import Claims, OpenIdProvider, providing


@pytest.mark.parametrize(
    ("document", "word"),
    [
        ({"issuer": "https://evil.example"}, "It calls itself https://evil.example"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "It names an address that does not begin with https://"),
        ({"token_endpoint": "http://evil.example/token"}, "It names an address that does not begin with https://"),
        ({"jwks_uri": "file:///etc/passwd"}, "It names an address that does not begin with https://"),
        ({"token_endpoint": 7}, "It does not say all that is needed"),
        ({"token_endpoint_auth_methods_supported": ["none"]}, "It takes no client secret"),
    ],
)
async def test_a_provider_that_says_what_cannot_be_is_not_used(
    invited: SignOnHouse, acme: OpenIdProvider, browser: Browser, document: Claims, word: str
) -> None:
    acme.document = document
    status, page = await read(browser, invited.way(acme))
    assert (status, f"Nobody can sign in with Acme now. {word}" in page) == (502, True), page


async def test_no_address_inside_is_asked(house: SignOnHouse, acme: OpenIdProvider, browser: Browser) -> None:
    await house.connect(acme)
    async with house_of(house.database, frozenset()) as strict:
        status, page = await read(browser, strict.way(acme))
    assert (status, "its address does not begin with https://" in page, acme.asked) == (502, True, [])


async def test_a_name_that_leads_inside_is_not_asked(house: SignOnHouse, browser: Browser) -> None:
    """Over https to this machine: the name is public, the address is not."""
    async with providing() as acme, house_of(house.database, frozenset()) as strict:
        acme.issuer = acme.place.replace("http://127.0.0.1", "https://localhost")
        await house.connect(acme)
        status, page = await read(browser, strict.way(acme))
        assert (status, "the address leads inside" in page) == (502, True)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"error": "access_denied"}, "Acme says that you did not agree, or may not use this app."),
        (
            {"error": "consent_required", "error_description": "AADSTS65004: <b>declined</b>\u202e"},
            "Acme says that you, or an admin of your company, have to agree first. In its words: AADSTS65004: "
            "<b>declined</b>",
        ),
        ({"error": "server_error"}, "something went wrong there. Try again in a minute."),
        ({"error": "a_new_one"}, "Acme says that it does not let you in. In its words: a_new_one"),
        ({"code": ""}, UNPROVED),
    ],
)
async def test_what_the_provider_refuses_is_said_in_words(
    invited: SignOnHouse, acme: OpenIdProvider, browser: Browser, answer: dict[str, str], words: str
) -> None:
    acme.answer = answer
    await refused(invited, acme, browser, words)
    assert "token" not in acme.asked


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        ((401, {"error": "invalid_client"}), "Acme says that Leadline's client id or client secret is wrong."),
        ((400, {"error": "invalid_grant"}), "Acme says that this sign-in is too old, or was used already."),
        ((503, {}), "Acme says that it does not let you in."),
        ((200, {"access_token": "x"}), UNPROVED),
    ],
)
async def test_what_it_refuses_behind_the_scenes_too(
    invited: SignOnHouse, acme: OpenIdProvider, browser: Browser, refusal: tuple[int, Claims], words: str
) -> None:
    acme.refusal = refusal
    await refused(invited, acme, browser, words)


async def test_a_provider_that_is_away_is_asked_once_however_often_somebody_presses(
    invited: SignOnHouse, acme: OpenIdProvider, browser: Browser
) -> None:
    acme.document = {"issuer": "away"}
    for _ in range(5):
        assert (await read(browser, invited.way(acme)))[0] == 502
    assert acme.asked == ["discovery"]


async def test_what_is_kept_of_a_provider_that_is_away_is_said_in_each_readers_language(
    invited: SignOnHouse, acme: OpenIdProvider, browser: Browser
) -> None:
    acme.document = {"issuer": "away"}
    told = [(await read(browser, f"{invited.way(acme)}&language={code}"))[1] for code in ("de", "en", "de")]
    assert ["Der Anbieter nennt sich away" in page for page in told] == [True, False, True]
    assert ["It calls itself away" in page for page in told] == [False, True, False]
    assert acme.asked == ["discovery"], "the second and the third read what was kept of the first"


async def test_what_stands_on_the_pages_runs_nothing(
    invited: SignOnHouse, acme: OpenIdProvider, browser: Browser
) -> None:
    async with providing() as other:
        await invited.connect(other, name="<script>alert(1)</script>")
        for address in (f"{invited.place}/console/sign-in", invited.way(other)):
            async with browser.get(address) as answer:
                assert "<script>alert" not in await answer.text()
                assert "script-src 'self'" in answer.headers["content-security-policy"]

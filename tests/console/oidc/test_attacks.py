"""What forges, replays or mixes up a sign-in gets no session, whoever plays: a stranger, another provider, a thief."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from functools import partial
from urllib.parse import quote, urlsplit

import msgspec
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from yarl import URL

from leadline.console.oidc import attempt
from leadline.console.oidc.attempt import COOKIE
from leadline.console.oidc.id_token import LEEWAY
from leadline.console.signin.tries import FREE
from tests.console.oidc.house import UNPROVED, Browser, SignOnHouse, enter, query, read, refused, session, step, there
from tests.console.signin.test_sign_in import new_browser
from tests.openid import CLIENT, Claims, OpenIdProvider, providing, times

NOT_BEGUN = "This browser did not begin this sign-in"
Twist = Callable[[Claims], Claims]


def without(name: str) -> Twist:
    return lambda claims: {key: value for key, value in claims.items() if key != name}


def with_(**changed: object) -> Twist:
    return lambda claims: claims | changed


@pytest.mark.parametrize(
    "twist",
    [
        pytest.param(with_(aud="another client"), id="for another client"),
        pytest.param(with_(aud=[]), id="for nobody"),
        pytest.param(with_(aud=[CLIENT, "another client"], azp="another client"), id="asked for by another client"),
        pytest.param(with_(iss="https://accounts.google.com"), id="of another issuer"),
        pytest.param(with_(iss=""), id="of no issuer"),
        pytest.param(with_(nonce="of another sign-in"), id="for another sign-in"),
        pytest.param(with_(nonce=None), id="for whatever sign-in"),
        pytest.param(with_(**times(-LEEWAY - 60)), id="too old"),
        pytest.param(with_(iat=times()["iat"] + 3600), id="from the future"),
        pytest.param(with_(nbf=times()["iat"] + 3600), id="not yet good"),
        pytest.param(with_(exp="tomorrow"), id="of a time that is none"),
        pytest.param(with_(sub=""), id="about nobody"),
        pytest.param(with_(sub=7), id="about a number"),
        pytest.param(with_(sub="x" * 256), id="about a name without end"),
        pytest.param(with_(at_hash="of another token"), id="beside another token"),
        *(pytest.param(without(name), id=f"without {name}") for name in ("iss", "sub", "aud", "exp", "iat", "nonce")),
    ],
)
async def test_a_token_that_is_not_ours_lets_nobody_in(
    invited: SignOnHouse, acme: OpenIdProvider, browser: Browser, twist: Twist
) -> None:
    acme.twist = twist
    await refused(invited, acme, browser, UNPROVED)
    acme.twist = lambda claims: claims
    assert (await enter(invited, acme, browser))[0] == 200


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(value)).decode().rstrip("=")


def unsigned(provider: OpenIdProvider, claims: Claims, *, alg: str = "none") -> str:
    return f"{encoded({'alg': alg, 'kid': provider.keys[0].kid})}.{encoded(claims)}."


def by_the_public_key(provider: OpenIdProvider, claims: Claims) -> str:
    """HS256 with what everybody knows as the secret."""
    pem = provider.keys[0].public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    said = f"{encoded({'alg': 'HS256', 'kid': provider.keys[0].kid})}.{encoded(claims)}"
    mark = hmac.digest(pem, said.encode(), hashlib.sha256)
    return f"{said}.{base64.urlsafe_b64encode(mark).decode().rstrip('=')}"


def by_the_client_secret(provider: OpenIdProvider, claims: Claims) -> str:
    key = OctKey.import_key("a secret/of+our: own and long enough for it")
    return jwt.encode({"alg": "HS256"}, claims, key)


def by_a_key_of_its_own(provider: OpenIdProvider, claims: Claims) -> str:
    """With the number of a key that is known, and the key itself in the header."""
    key = RSAKey.generate_key(2048, private=True)
    header = {"alg": "RS256", "kid": provider.keys[0].kid, "jwk": key.as_dict(private=False)}
    return jwt.encode(header, claims, key)


def by_a_key_nobody_knows(provider: OpenIdProvider, claims: Claims) -> str:
    return jwt.encode({"alg": "RS256", "kid": "nobody's"}, claims, RSAKey.generate_key(2048, private=True))


def changed_afterwards(provider: OpenIdProvider, claims: Claims) -> str:
    head, _, mark = provider.signed(claims | {"sub": "eve"}).split(".")
    return f"{head}.{encoded(claims)}.{mark}"


def by_another_algorithm(provider: OpenIdProvider, claims: Claims) -> str:
    """Good, but none that we take, whatever the provider says it may use."""
    key = provider.keys[0]
    return jwt.encode({"alg": "RS512", "kid": key.kid}, claims, key, algorithms=["RS512"])


@pytest.mark.parametrize(
    "sign",
    [
        unsigned,
        partial(unsigned, alg="RS256"),
        partial(unsigned, alg="NONE"),
        by_the_public_key,
        by_the_client_secret,
        by_a_key_of_its_own,
        by_a_key_nobody_knows,
        changed_afterwards,
        by_another_algorithm,
        lambda provider, claims: "no token",
        lambda provider, claims: "",
    ],
)
async def test_a_token_that_its_provider_did_not_sign_lets_nobody_in(
    invited: SignOnHouse, acme: OpenIdProvider, browser: Browser, sign: Callable[[OpenIdProvider, Claims], str]
) -> None:
    acme.sign = partial(sign, acme)
    await refused(invited, acme, browser, UNPROVED)


async def test_a_secret_that_a_provider_publishes_signs_nothing(
    invited: SignOnHouse, acme: OpenIdProvider, browser: Browser
) -> None:
    key = OctKey.generate_key(256, {"kid": "everybody's"})
    acme.keys.append(key)  # type: ignore[arg-type]
    acme.sign = partial(jwt.encode, {"alg": "HS256", "kid": "everybody's"}, key=key)
    await refused(invited, acme, browser, UNPROVED)


@pytest.mark.parametrize("verified", [False, None, "no", 0, [True]])
async def test_an_address_that_is_not_verified_is_nobodys(
    invited: SignOnHouse, acme: OpenIdProvider, browser: Browser, verified: object
) -> None:
    acme.person["email_verified"] = verified
    await refused(invited, acme, browser, "Acme does not say that ann@example.com is an address of yours")


@pytest.mark.parametrize("email", ["\u212aim@example.com", "kim@example.com\0"])
async def test_letters_that_look_like_others_make_nobody_somebody_else(
    invited: SignOnHouse, acme: OpenIdProvider, browser: Browser, email: str
) -> None:
    """In lower case the Kelvin sign is a k: whoever got such an address would come in as Kim."""
    await invited.invite("kim@example.com")
    acme.person["email"] = email
    await refused(invited, acme, browser, "Acme does not tell Leadline your e-mail address")


@pytest.mark.parametrize("subject", ["a\0", "a\u202eb"])
async def test_a_name_that_no_database_keeps_is_no_name(
    invited: SignOnHouse, acme: OpenIdProvider, browser: Browser, subject: str
) -> None:
    acme.person["sub"] = subject
    await refused(invited, acme, browser, UNPROVED)


async def test_microsofts_word_for_a_verified_address_counts_too(
    invited: SignOnHouse, acme: OpenIdProvider, browser: Browser
) -> None:
    acme.person = {"sub": "ann", "email": "ann@example.com", "xms_edov": "0"}
    await refused(invited, acme, browser, "does not say that ann@example.com")
    acme.person["xms_edov"] = "1"
    assert (await enter(invited, acme, browser))[0] == 200


async def test_an_answer_counts_once(invited: SignOnHouse, acme: OpenIdProvider, browser: Browser) -> None:
    begun = await step(browser, invited.way(acme))
    kept = next(each.value for each in browser.cookie_jar if each.key == COOKIE)
    back = await step(browser, begun)
    assert (await read(browser, back))[0] == 200
    code = query(await step(browser, begun))["code"]
    for again in (back, f"{back.partition('?')[0]}?code={code}&state={query(back)['state']}"):
        async with new_browser() as thief:
            thief.cookie_jar.update_cookies({COOKIE: kept}, response_url=URL(f"{invited.place}/console/sign-in"))
            status, page = await read(thief, again)
            assert (status, NOT_BEGUN in page, session(thief)) == (403, True, "")


async def test_another_browsers_answer_is_worth_nothing(
    invited: SignOnHouse, acme: OpenIdProvider, browser: Browser
) -> None:
    """A thief sends the answer of a sign-in of their own, or has somebody else's."""
    back = await there(browser, invited.way(acme))
    async with new_browser() as other:
        assert NOT_BEGUN in (await read(other, back))[1], "without having begun one"
        await there(other, invited.way(acme))
        assert NOT_BEGUN in (await read(other, back))[1], "in the middle of another one"
        own = await there(other, invited.way(acme))
        mixed = f"{own.partition('?')[0]}?code={query(back)['code']}&state={query(own)['state']}"
        status, page = await read(other, mixed)
        assert (status, "too old, or was used already" in page) == (403, True), "the code is bound to the other one"
        assert session(other) == ""


@pytest.mark.parametrize("state", ["", "x", "é", "%00"])
async def test_without_its_state_an_answer_is_none(
    invited: SignOnHouse, acme: OpenIdProvider, browser: Browser, state: str
) -> None:
    back = await there(browser, invited.way(acme))
    forged = f"{back.partition('?')[0]}?code={query(back)['code']}&state={state}"
    status, page = await read(browser, forged)
    assert (status, NOT_BEGUN in page) == (403, True)


async def test_after_ten_minutes_it_is_too_late(
    invited: SignOnHouse, acme: OpenIdProvider, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempt, "LASTS", -1.0)
    back = await there(browser, invited.way(acme))
    assert NOT_BEGUN in (await read(browser, back))[1]


async def test_one_providers_answer_is_not_taken_for_anothers(
    invited: SignOnHouse, acme: OpenIdProvider, browser: Browser
) -> None:
    """A dishonest provider sends the browser on to an honest one, to get the code that this one gives."""
    async with providing() as evil:
        await invited.connect(evil, name="Evil")
        evil.document = {"authorization_endpoint": f"{acme.place}/authorize"}
        back = await there(browser, invited.way(evil))
        assert urlsplit(back).path != urlsplit(await there(browser, invited.way(acme))).path
        back = await there(browser, invited.way(evil))
        acme_path = urlsplit(invited.way(acme)).path.replace("/with/", "/back/")
        assert NOT_BEGUN in (await read(browser, f"{invited.place}{acme_path}?{urlsplit(back).query}"))[1]
        assert evil.asked.count("token") == 0


@pytest.mark.parametrize("named", [False, True])
async def test_an_answer_that_names_another_issuer_is_refused(
    invited: SignOnHouse, acme: OpenIdProvider, browser: Browser, named: bool
) -> None:
    acme.document = {"authorization_response_iss_parameter_supported": True}
    acme.answer = {"iss": "https://evil.example"} if named else {}
    await refused(invited, acme, browser, UNPROVED)
    assert "token" not in acme.asked, "no code leaves the house"
    acme.answer = {"iss": acme.issuer}
    assert (await enter(invited, acme, browser))[0] == 200


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/console",
        "//evil.example",
        "/\\evil.example",
        "/console\\@evil.example",
        "/console/../../evil",
        "/console/sign-in\r\nSet-Cookie: a=b",
        "javascript:alert(1)",
        "/console?" + "x" * 2000,
    ],
)
async def test_nobody_is_led_elsewhere_afterwards(
    invited: SignOnHouse, acme: OpenIdProvider, browser: Browser, wanted: str
) -> None:
    back = await there(browser, invited.way(acme, wanted=quote(wanted, safe="")))
    assert urlsplit(await step(browser, back)).netloc == ""
    assert (await read(browser, f"{invited.place}/console"))[1] == "ann@example.com agent"


async def test_an_operator_who_loses_the_seat_while_away_does_not_come_in(
    invited: SignOnHouse, acme: OpenIdProvider, browser: Browser
) -> None:
    await invited.owner("boss@example.com")
    assert (await enter(invited, acme, browser))[0] == 200
    back = await there(browser, invited.way(acme))
    await invited.operators.remove("ann@example.com")
    status, page = await read(browser, back)
    assert (status, "You were removed" in page) == (403, True)
    assert "Sign in" in (await read(browser, f"{invited.place}/console"))[1]


async def test_after_many_that_failed_this_network_has_to_wait(
    invited: SignOnHouse, acme: OpenIdProvider, browser: Browser
) -> None:
    acme.sign = partial(unsigned, acme)
    for _ in range(FREE["address"]):
        await refused(invited, acme, browser, UNPROVED)
    asked = acme.asked.count("token")
    await refused(invited, acme, browser, "Too many failed sign-ins from your network. Try again in")
    assert acme.asked.count("token") == asked, "nothing was looked at"
    async with invited.database.connection() as connection:
        await connection.execute("update sign_in_try set open_at = now()")
    acme.sign = acme.signed
    assert (await enter(invited, acme, browser))[0] == 200

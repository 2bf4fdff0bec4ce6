"""The first channel: every answer is checked where it is given, and may be given again."""

from __future__ import annotations

import json

import msgspec

from leadline.settings import Settings
from leadline.stage.town import Places
from tests.acceptance.town import provider_accounts
from tests.cli.test_cli import Office, run
from tests.cli.test_cli import office as office


def account(places: Places) -> dict[str, str]:
    """The settings of an account that the stand-in for Twilio accepts."""
    return dict(msgspec.to_builtins(provider_accounts(places)["twilio_sms"]))


async def added(settings: Settings, *answers: str, **given: str) -> tuple[int, str]:
    """`channel add twilio_sms` with these settings on the command line, and these answers to what it asks."""
    flags = [part for name, value in given.items() if value for part in ("--set", f"{name}={value}")]
    stdin = "".join(f"{answer}\n" for answer in answers)
    return await run(settings, "channel", "add", "twilio_sms", "--name", "Shop", *flags, stdin=stdin)


async def test_what_is_needed_is_asked_for_and_a_wrong_answer_is_asked_again(office: Office) -> None:
    settings, places, _ = office
    known = account(places)
    answers = ["foo", known["account_sid"], "a", known["auth_token"], "banana", known["number"]]
    code, said = await added(settings, *answers, api_url=known["api_url"])
    assert code == 0, said
    assert "account_sid must be AC and 32 letters and digits, not 'foo'" in said
    assert "auth_token must be 16 or more characters" in said
    assert "number must be a phone number such as +14155550100, or a short code, not 'banana'" in said
    assert "The provider accepts the credentials." in said
    [row] = json.loads((await run(settings, "channel", "list", "--json"))[1])
    assert row["address"] == known["number"]


async def test_one_of_two_settings_will_do_and_none_will_not(office: Office) -> None:
    settings, places, _ = office
    known = account(places)
    service = "MG" + "0" * 32
    given = {name: known[name] for name in ("account_sid", "auth_token", "api_url")}
    code, said = await added(settings, "", "", "", service, **given)
    assert code == 0, said
    assert said.count("One of these is needed: number, messaging_service_sid") == 2


NONSENSE: list[tuple[dict[str, str], str]] = [
    ({"account_sid": "foo"}, "account_sid must be AC"),
    ({"number": "banana"}, "number must be a phone number"),
    ({"auth_token": "a"}, "auth_token must be 16"),
    ({"acount_sid": "x"}, "Did you mean account_sid"),
    ({"api_url": "xx"}, "api_url must be a web address like https://api.example.com, not 'xx'"),
    ({"api_url": "http://["}, "api_url must be a web address"),
]


async def test_nonsense_on_the_command_line_is_refused_by_its_shape(office: Office) -> None:
    for wrong, words in NONSENSE:
        code, said = await added(office[0], **account(office[1]) | wrong)
        assert (code, words in said) == (1, True), said
    assert (await run(office[0], "channel", "list", "--json"))[1].strip() == "[]"


async def test_wrong_credentials_are_told_at_once(office: Office) -> None:
    code, said = await added(office[0], **account(office[1]) | {"auth_token": "not-the-right-token"})
    assert (code, "refuses the credentials" in said) == (0, True), said

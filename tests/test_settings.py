"""Settings: what is wrong is named in one line, with what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadline.engine.holds import LEASE, RENEW, SAFETY
from leadline.errors import SettingError
from leadline.settings import Settings, load, require
from leadline.settings.checks import LONGEST_TIMEOUT

MAIL = (
    "LEADLINE_SMTP_URL is not the address of a mail server. Write it like smtp://user:password@host:587, or smtps:// "
    "for a server that wants TLS from the start."
)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("PORT", "abc", "LEADLINE_PORT must be a whole number, at least 0, at most 65535, like 8080, not 'abc'."),
        ("PORT", "99999", "LEADLINE_PORT must be a whole number, at least 0, at most 65535, like 8080, not '99999'."),
        ("BODY_TIMEOUT", "0", "LEADLINE_BODY_TIMEOUT must be a number, more than 0, like 10, not '0'."),
        ("BOT_REPLIES", "maybe", "LEADLINE_BOT_REPLIES must be true or false, not 'maybe'."),
        ("DUPLICATES_MEMORY", "lots", "LEADLINE_DUPLICATES_MEMORY must be written like 1GB, not 'lots'."),
        *(("SMTP_URL", url, MAIL) for url in ("mail", "http://a:pw@b", "smtp://", "smtp://a:pw@b:many", "smtp://[a")),
        ("LOG_FORMAT", "xml", "LEADLINE_LOG_FORMAT must be console or json, not 'xml'"),
        (
            "DEFAULT_REGION",
            "UK",
            "LEADLINE_DEFAULT_REGION: 'UK' is not a country code. Write two letters, like IE, GB or BR.",
        ),
        (
            "INTERCOM_TIMEOUT",
            "28.5",
            "LEADLINE_INTERCOM_TIMEOUT must be 20 seconds or less, not 28.5. A worker holds a sender's messages for 30 "
            "seconds, so with a longer wait it could not write anything to Intercom.",
        ),
        (
            "PUBLIC_URL",
            "nowhere",
            "LEADLINE_PUBLIC_URL is not a web address. Write it like https://your.host, not 'nowhere'.",
        ),
        (
            "SECRET_KEY",
            "short",
            "LEADLINE_SECRET_KEY is too short: it takes 32 random characters or more. "
            "Make one with: openssl rand -hex 32",
        ),
    ],
)
def test_a_wrong_value_is_told_with_its_remedy(name: str, value: str, told: str) -> None:
    with pytest.raises(SettingError) as caught:
        load({f"LEADLINE_{name}": value})
    assert str(caught.value) == told


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"colour = 1", ["colour", "leadline.toml", "public_url"]),
        (b"port = 'x'", ["LEADLINE_PORT must be a whole number"]),
        (b"blocked_numbers = ['+353']", ["LEADLINE_BLOCKED_NUMBERS must be a text"]),
        (b"port =", ["leadline.toml", "Invalid value"]),
        (b"\xff\xfe", ["leadline.toml"]),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, content: bytes, words: list[str]) -> None:
    file = tmp_path / "leadline.toml"
    file.write_bytes(content)
    with pytest.raises(SettingError) as caught:
        load({"LEADLINE_CONFIG": str(file)})
    assert all(word in str(caught.value) for word in words), caught.value


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "leadline.toml"
    file.write_text("port = 1\npolicy = 'ask'")
    settings = load({"LEADLINE_CONFIG": str(file), "LEADLINE_PORT": "2", "LEADLINE_DEFAULT_REGION": "ie"})
    assert (settings.port, settings.policy, settings.default_region) == (2, "ask", "IE")


def test_all_that_is_missing_is_told_at_once() -> None:
    with pytest.raises(SettingError, match=r"LEADLINE_PUBLIC_URL, LEADLINE_SECRET_KEY\. Set them"):
        require(Settings(intercom_token="given"), "secret_key", "intercom_token", "public_url")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LEADLINE_PORT", "tcp://10.96.0.12:80"),
        ("LEADLINE_SERVICE_HOST", "10.96.0.12"),
        ("LEADLINE_SERVICE_PORT", "80"),
        ("LEADLINE_SERVICE_PORT_HTTP", "80"),
        ("LEADLINE_PORT_80_TCP", "tcp://10.96.0.12:80"),
        ("LEADLINE_PORT_80_TCP_PROTO", "tcp"),
        ("LEADLINE_PORT_80_TCP_PORT", "80"),
        ("LEADLINE_PORT_80_TCP_ADDR", "10.96.0.12"),
        ("LEADLINE_PORT_53_UDP_ADDR", "10.96.0.12"),
        ("LEADLINE_CONSOLE_PORT", "tcp://10.96.0.13:80"),
        ("LEADLINE_DB_PORT", "tcp://10.96.0.14:5432"),
        ("LEADLINE_DB_SERVICE_HOST", "10.96.0.14"),
        ("LEADLINE_DB_SERVICE_PORT_PSQL", "5432"),
        ("LEADLINE_DB_PORT_5432_TCP_ADDR", "10.96.0.14"),
    ],
)
def test_what_kubernetes_tells_of_services_is_no_setting(name: str, value: str) -> None:
    assert load({name: value, "LEADLINE_POLICY": "ask"}) == Settings(policy="ask")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("LEADLINE_PUBLC_URL", "LEADLINE_PUBLC_URL is not a setting of Leadline. Did you mean LEADLINE_PUBLIC_URL"),
        ("LEADLINE_SERVICE_HOTS", "LEADLINE_SERVICE_HOTS is not a setting of Leadline."),
    ],
)
def test_a_misspelt_setting_is_told_with_the_ones_like_it(name: str, told: str) -> None:
    with pytest.raises(SettingError) as caught:
        load({name: "x"})
    assert str(caught.value).startswith(told)


def test_the_servers_own_file_is_read_where_none_is_named(tmp_path: Path) -> None:
    file = tmp_path / "leadline.toml"
    file.write_text("policy = 'ask'")
    assert load({}, system_file=file).policy == "ask"
    assert load({}, system_file=tmp_path / "nowhere").policy == Settings().policy
    (tmp_path / "named.toml").write_text("port = 1")
    assert load({"LEADLINE_CONFIG": str(tmp_path / "named.toml")}, system_file=file) == Settings(port=1)


def test_the_longest_wait_for_intercom_fits_into_what_a_worker_holds_at_any_moment() -> None:
    assert LEASE == 30, "the refusal says so"
    assert load({"LEADLINE_INTERCOM_TIMEOUT": str(LONGEST_TIMEOUT)}).intercom_timeout == LONGEST_TIMEOUT
    assert Settings().intercom_timeout <= LONGEST_TIMEOUT < LEASE - SAFETY - RENEW

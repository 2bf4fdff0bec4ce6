"""Telegram's token and address: in no log and no error, told to Telegram, and what a probe finds."""

from __future__ import annotations

import logging

import msgspec
import pytest
import structlog

from leadline.channels.exchange import Call
from leadline.cli.logs import configure_logs
from leadline.connections.media import Media, NotFetched
from leadline.connections.provider_calls import ProviderCalls, Unreachable
from leadline.errors import ProviderTrouble, Refused
from leadline.sandbox.providers import TelegramFake
from leadline.sandbox.providers.telegram.fake import FAULTS
from tests.channels.telegram.bot import (
    ADAPTER,
    KEY,
    MESSAGE,
    SETTINGS,
    connected,
    parsed,
)

from ..conftest import Town
from ..wire import settings_of
from .spec import Description


async def test_the_token_in_the_address_is_in_no_log_and_no_error(
    town: Town, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    calls = ProviderCalls(timeout=2.0)
    astray = settings_of(KEY, api_url="http://127.0.0.1:1")
    with pytest.raises(Unreachable) as trouble:
        await calls.perform(ADAPTER.send(MESSAGE, astray))
    town.providers.faults.plan(KEY, FAULTS["lost_answer"])
    assert (await calls.perform(ADAPTER.send(MESSAGE, town.settings(KEY)))).outcome == "unknown"
    await calls.close()
    told = f"{trouble.value}{caplog.text}{capsys.readouterr()}"
    assert "made-up-token" not in told


async def test_a_file_keeps_its_type_and_no_failure_tells_the_token(town: Town) -> None:
    """Telegram's servers call every file an octet-stream."""
    fake, settings = town.providers.of(TelegramFake), town.settings(KEY)
    await fake.write(fake.customer(1), "", [("audio/ogg", b"voice")])
    (file,) = parsed(town)[0].messages[0].attachments
    media = Media(limit=1000, allowed=frozenset(["127.0.0.1"]))
    try:
        fetched = await media.fetch(connected(settings), file, 1)
        assert (fetched.content_type, fetched.content) == ("audio/ogg", b"voice")
        for broken in (msgspec.structs.replace(file, ref="gone/gone"), msgspec.structs.replace(file, ref="x" * 99)):
            with pytest.raises(NotFetched) as trouble:
                await media.fetch(connected(settings), broken, 1)
            assert "made-up-token" not in f"{trouble.value!r} {trouble.value.__cause__!r}"
        astray = settings_of(KEY, api_url="http://127.0.0.1:1")
        with pytest.raises(NotFetched) as trouble:
            await media.fetch(connected(astray), file, 1)
        assert "made-up-token" not in f"{trouble.value!r} {trouble.value.__cause__!r}"
    finally:
        await media.close()


def test_a_traceback_on_the_console_shows_no_values(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("console")
    try:
        settings = SETTINGS
        try:
            raise RuntimeError(f"broken for {settings.bot_username}")
        except RuntimeError:
            structlog.get_logger().exception("failed")
        told = capsys.readouterr().err
        assert "broken for @example_bot" in told
        assert "made-up-token" not in told
    finally:
        structlog.reset_defaults()


# -- the webhook's address --------------------------------------------------------------------------------------------


async def test_leadline_tells_telegram_the_address(town: Town, described: Description) -> None:
    fake, settings = (
        town.providers.of(TelegramFake),
        settings_of(KEY, api_url=town.settings(KEY).api_url, secret_token=""),
    )
    call = next(ADAPTER.register(f"{town.url}/in", settings))
    assert isinstance(call, Call)
    described.parameters("setWebhook", msgspec.json.decode(call.body))
    said = await town.calls.perform(ADAPTER.register(f"{town.url}/in", settings))
    assert "from now on" in said
    await fake.write(fake.customer(1), "Hi")
    ADAPTER.verify(town.requests[-1], settings)
    with pytest.raises(Refused):
        ADAPTER.verify(town.requests[-1], settings_of(KEY, secret_token="", bot_token="7000000001:another"))
    with pytest.raises(ProviderTrouble, match="HTTPS URL"):
        await town.calls.perform(ADAPTER.register("ftp://bridge.example.com", settings))


async def test_the_probe_tells_what_telegram_complains_about(town: Town) -> None:
    fake, settings = town.providers.of(TelegramFake), town.settings(KEY)
    probe = ADAPTER.probe(settings)
    assert probe is not None
    for url, trouble, said in (
        ("", "", "no address is known"),
        (f"{town.url}/in", "", ""),
        (
            f"{town.url}/in",
            "Wrong response: 403 Forbidden",
            "1 updates wait; the last try failed",
        ),
    ):
        fake.webhook_url, fake.trouble = url, trouble
        assert ADAPTER.probed(await town.calls.send(probe), settings).startswith(said)


# -- the fake against the description and an SDK ----------------------------------------------------------------------

"""What holds for the requests of every channel: setup is told, credentials stay where they belong."""

from __future__ import annotations

import msgspec
import pytest

from leadline.channels import CHANNELS
from leadline.model import Attachment, Outbound

from .wire import secrets_of, settings_of

MESSAGE = Outbound(id="0194a.1", to="+353888888999", text="Hi & bye", status_url="https://b.example.com/status/key")


@pytest.mark.parametrize("key", CHANNELS)
def test_every_channel_says_how_to_set_it_up(key: str) -> None:
    adapter = CHANNELS[key]
    steps = [
        step.format(url="https://b.example.com/in/k", status_url="https://b.example.com/status/k")
        for step in adapter.setup
    ]
    assert any("https://b.example.com/" in step for step in steps)
    for field in msgspec.structs.fields(adapter.settings):
        (meta,) = field.type.__metadata__
        assert meta.description
        assert isinstance(meta.extra["secret"], bool)


@pytest.mark.parametrize("key", ["twilio_sms", "whatsapp_cloud"])
def test_no_secret_outside_the_secret_headers(key: str) -> None:
    adapter, settings = CHANNELS[key], settings_of(key)
    calls = [
        adapter.build(MESSAGE, settings),
        adapter.media(Attachment(ref="1", url="https://api.twilio.com/1"), settings),
    ]
    for call in [*calls, adapter.probe(settings)]:
        assert call is not None
        assert call.secrets
        assert "made-up" not in f"{call.url} {call.headers} {call.body!r}"


@pytest.mark.parametrize(
    "key", ["vonage_sms", "vonage_whatsapp", "whatsapp_360dialog", "textmagic", "africastalking", "whatsapp_cloud"]
)
def test_credentials_travel_in_headers_of_the_first_host_only(key: str) -> None:
    adapter, settings = CHANNELS[key], settings_of(key)
    for call in (adapter.build(MESSAGE, settings), adapter.probe(settings)):
        assert call is not None
        assert call.secrets
        values = [getattr(settings, name) for name in secrets_of(key)]
        assert not any(value in f"{call.url} {call.headers} {call.body!r}" for value in values)

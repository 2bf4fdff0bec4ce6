"""What a channel tells beside messages, where its settings ask so: what was read, what was written elsewhere."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from leadline.channels import CHANNELS, channel
from leadline.channels.exchange import Parsed
from leadline.model import Inbound

from .conftest import Town
from .wire import folder_of, request_of, settings_of

READ: dict[str, tuple[str, str, str, str]] = {
    "whatsapp_cloud": ("wamid.1", "", "353861234567", "wamid.1"),
    "whatsapp_360dialog": ("wamid.1", "", "353861234567", "wamid.1"),
    "bird": ("wam_1", "", "+353861234567", "wam_1"),
    "telegram": ("77/5", "", "business:abc:77", "77/5"),
    "messenger": ("m_1", "", "77", "77"),
    "instagram": ("m_1", "", "77", "77"),
    "vk": ("5", "", "77", "77"),
    "line": ("5", "token", "U77", "token"),
}
"""A customer's message (id, `read_ref`), its chat, and what the provider is told."""

ECHOES: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "whatsapp_cloud": (
        "echo_of_the_phone_app_to_a_customer",
        [
            {"id": "wamid.0139", "to": "353888888999", "handle": "tel:+353888888999", "text": "Here is the price list"},
            {"id": "wamid.0140", "to": "353888888999", "handle": "tel:+353888888999", "text": "and a picture"},
        ],
    ),
    "bird": (
        "echo_of_the_phone_app",
        [
            {
                "id": "wam_01krdgeqcxet5s7t44vh0020mg",
                "to": "+353888888999",
                "handle": "tel:+353888888999",
                "text": "From my phone",
            }
        ],
    ),
    "messenger": (
        "echo_of_another_app",
        [{"id": "m_0010", "to": "2002", "handle": "messenger:1001/2002", "text": "From the inbox"}],
    ),
    "instagram": (
        "echo_of_another_app",
        [
            {
                "id": "m_0010",
                "to": "1700000000000077",
                "handle": "instagram:17841400000000001/1700000000000077",
                "text": "From the inbox",
            }
        ],
    ),
    "vk": ("own_answer", [{"id": "11", "to": "500000007", "handle": "vk:225123456/500000007", "text": "Привет 👋"}]),
}
"""A payload that a channel leaves alone unless asked, and the echoes in it."""


def parsed(key: str, name: str, **changes: Any) -> Parsed:
    (path,) = folder_of(key).glob(f"{name}.request.*")
    return channel(key).parse(request_of(key, path.read_bytes()), settings_of(key, **changes))


@pytest.mark.parametrize("key", sorted(READ))
async def test_a_chat_is_marked_as_read_only_where_the_settings_ask_for_it(town: Town, key: str) -> None:
    number, ref, to, told = READ[key]
    adapter, fake = channel(key), town.providers.fakes[key]
    assert adapter.marking_read(number, ref, to, town.settings(key)) is None
    asking = msgspec.structs.replace(town.settings(key), mark_read=True)
    call = adapter.marking_read(number, ref, to, asking)
    assert call is not None
    assert (await town.calls.send(call)).status in (200, 202)
    assert fake.marked_read == [told]


def test_no_other_channel_pretends_to_mark_anything() -> None:
    able = {key for key in CHANNELS if hasattr(settings_of(key), "mark_read")}
    assert able == set(READ)


@pytest.mark.parametrize(
    ("key", "number", "to"),
    [
        ("whatsapp_cloud", "call-1", "353861234567"),
        ("bird", "msg_1", "+353861234567"),
        ("telegram", "77/5", "77"),
        ("telegram", "77/reaction/5/x", "business:abc:77"),
        ("line", "5", "U77"),
    ],
)
def test_what_is_no_message_is_not_marked(key: str, number: str, to: str) -> None:
    assert channel(key).marking_read(number, "", to, settings_of(key, mark_read=True)) is None


@pytest.mark.parametrize("key", sorted(ECHOES))
def test_what_the_business_wrote_elsewhere_is_told_only_where_the_settings_ask_for_it(key: str) -> None:
    name, wanted = ECHOES[key]
    assert parsed(key, name).echoes == ()
    assert parsed(key, name).noise == ("echo",)
    echoes = parsed(key, name, show_echoes=True).echoes
    assert [
        {"id": each.provider_id, "to": each.sender, "handle": str(each.handles[0]), "text": each.text}
        for each in echoes
    ] == wanted
    assert all(isinstance(each, Inbound) and each.author for each in echoes)


def test_what_the_owner_of_a_business_account_writes_in_telegram_is_an_echo() -> None:
    (echo,) = parsed("telegram", "business_account_answers", show_echoes=True).echoes
    customer = echo.handles[0].value
    assert (echo.sender.rpartition(":")[2], echo.author, bool(echo.text)) == (customer, "Telegram itself", True)


def test_a_channel_that_shows_echoes_has_a_payload_that_proves_it() -> None:
    able = {key for key in CHANNELS if hasattr(settings_of(key), "show_echoes")}
    assert able == {*ECHOES, "whatsapp_360dialog", "telegram"}

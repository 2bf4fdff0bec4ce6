"""WhatsApp through 360dialog: Meta's JSON behind another key, another host, and a secret of one's own."""

from __future__ import annotations

import base64
import hashlib
import hmac

import msgspec
import pytest

from leadline.channels import channel
from leadline.channels.exchange import Response
from leadline.errors import ProviderTrouble, Refused
from leadline.model import Attachment, Inbound, Outbound, StatusUpdate, TemplateUse
from leadline.sandbox.providers import Dialog360Fake

from ..conftest import CUSTOMER, Town
from ..wire import folder_of, request_of, settings_of

KEY = "whatsapp_360dialog"
HELLO = TemplateUse(name="hello_again", language="de", variables=("1", "2"), values=("Seán", "der Heizung"))
MESSAGE = Outbound(id="0194a.1", to="+353888888999", text="Hi")


async def test_a_conversation_with_a_file(town: Town) -> None:
    settings = town.settings(KEY)
    await town.providers.of(Dialog360Fake).write(CUSTOMER, "Broken!", [("image/jpeg", b"\xff\xd8\xff")], name="Seán")
    sent = await town.send(KEY, text="Hello, 👋")
    await town.providers.courier.settle()
    message, *updates = town.believed(KEY)
    assert isinstance(message, Inbound)
    assert (message.text, message.sender, message.account) == ("Broken!", CUSTOMER[1:], "")
    states = [(str(update.state), update.outbound_id) for update in updates if isinstance(update, StatusUpdate)]
    assert states == [("sent", "0194a.1"), ("delivered", "0194a.1"), ("read", "0194a.1")]
    (delivery,) = town.providers.phones.received()
    assert (delivery.text, delivery.message_id) == ("Hello, 👋", sent.provider_ids[0])
    (file,) = message.attachments
    place = await town.fetch(channel(KEY).media(file, settings))
    call = channel(KEY).media_next(place, file, settings)
    assert call is not None
    assert (await town.fetch(call)).body == b"\xff\xd8\xff"
    assert (await town.fetch(msgspec.structs.replace(call, secrets={}))).status == 404
    assert channel(KEY).media_next(Response(status=200, body=b"\xff\xd8\xff"), file, settings) is None


def test_files_are_fetched_from_360dialog_only() -> None:
    """Whatever host the answer names, the key goes to the one that was entered."""
    place = {"url": "https://evil.example/whatsapp_business/attachments/?mid=77&hash=a", "id": "77"}
    file = Attachment(ref="77")
    answer = Response(status=200, body=msgspec.json.encode(place))
    call = channel(KEY).media_next(answer, file, settings_of(KEY))
    assert call is not None
    assert call.url == "https://waba-v2.360dialog.io/whatsapp_business/attachments/?mid=77&hash=a"


async def test_templates_are_listed_and_sent(town: Town) -> None:
    found = await town.calls.perform(channel(KEY).templates(town.settings(KEY)))
    assert [(template.name, template.status) for template in found] == [
        ("hello_again", "approved"),
        ("hello_again", "approved"),
        ("order_update", "approved"),
        ("spring_sale", "approved"),
        ("not_yet", "pending"),
        ("invoice", "approved"),
        ("appointment", "approved"),
        ("sale_of_the_day", "unsupported"),
    ]
    assert (await town.send(KEY, template=HELLO)).outcome == "accepted"
    assert [delivery.text for delivery in town.providers.phones.received()] == [
        "Hallo Seán, passt es gerade wegen der Heizung?"
    ]


async def test_a_wrong_key_says_so(town: Town) -> None:
    wrong = msgspec.structs.replace(town.settings(KEY), api_key="wrong")
    sent = await town.calls.perform(channel(KEY).send(MESSAGE, wrong))
    assert (sent.outcome, sent.reason, sent.detail) == ("retry", "auth_failed", "Invalid api key")
    with pytest.raises(ProviderTrouble, match="HTTP 401"):
        await town.calls.perform(channel(KEY).templates(wrong))
    await town.check_probe(KEY, wrong)


async def test_the_address_is_told_with_a_secret(town: Town) -> None:
    """A number whose channel knows no webhook secret: one is made, and no other is believed."""
    fake, adapter = town.providers.of(Dialog360Fake), channel(KEY)
    settings = msgspec.structs.replace(town.settings(KEY), webhook_secret="")
    probe = adapter.probe(settings)
    assert probe is not None
    fake.webhook_url = ""
    assert "no webhook is set" in adapter.probed(await town.calls.send(probe), settings)
    assert "from now on" in await town.calls.perform(adapter.register(f"{town.url}/new", settings))
    assert adapter.probed(await town.calls.send(probe), settings) == ""
    await fake.write(CUSTOMER, "Hi")
    (request,) = town.requests
    assert request.url == f"{town.url}/new"
    adapter.verify(request, settings)
    for other in ({"webhook_secret": "another"}, {"api_key": "another"}):
        with pytest.raises(Refused, match="channel rotate"):
            adapter.verify(request, msgspec.structs.replace(settings, **other))
    with pytest.raises(ProviderTrouble, match="url is no address"):
        await town.calls.perform(adapter.register("ftp://b.example.com", settings))


@pytest.mark.parametrize("written", ["hex", "sha256=hex", "base64"])
def test_partners_check_signatures_instead(written: str) -> None:
    digest = hmac.new(b"made-up-platform-secret", b"{}", hashlib.sha256).digest()
    forms = {"hex": digest.hex(), "sha256=hex": f"sha256={digest.hex()}", "base64": base64.b64encode(digest).decode()}
    signed = msgspec.structs.replace(request_of(KEY, b"{}"), headers={"x-360dialog-signature": forms[written]})
    settings = settings_of(KEY, platform_secret="made-up-platform-secret")
    channel(KEY).verify(signed, settings)
    for changes in ({"body": b"{ }"}, {"headers": request_of(KEY, b"{}").headers}):
        with pytest.raises(Refused, match="platform_secret"):
            channel(KEY).verify(msgspec.structs.replace(signed, **changes), settings)


def test_several_numbers_on_one_address_are_told_apart_by_their_id() -> None:
    body = (folder_of(KEY) / "text.request.json").read_bytes()
    settings = settings_of(KEY, phone_number_id="1")
    (message,) = channel(KEY).parse(request_of(KEY, body), settings).messages
    assert (message.account, channel(KEY).account(settings)) == ("106540352242922", "1")


@pytest.mark.parametrize("name", ["text", "echo_of_the_phone_app_to_a_customer", "number_and_user_id_changed"])
def test_an_address_of_one_number_takes_what_comes_there_whatever_its_id(name: str) -> None:
    body = (folder_of("whatsapp_cloud") / f"{name}.request.json").read_bytes()
    parsed = channel(KEY).parse(request_of(KEY, body), settings_of(KEY, show_echoes=True))
    written, moved = (*parsed.messages, *parsed.echoes), parsed.moves
    assert {message.account for message in written} | {move.account for move in moved} == {""}


def test_request() -> None:
    call = channel(KEY).build(MESSAGE, settings_of(KEY))
    assert (call.url, dict(call.secrets)) == (
        "https://waba-v2.360dialog.io/messages",
        {"d360-api-key": "made-up-key"},
    )
    assert msgspec.json.decode(call.body)["to"] == "353888888999"

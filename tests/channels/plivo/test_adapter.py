"""Plivo: forms signed with a nonce, answers in words, and reports to the address that a message named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest

from leadline.channels import channel
from leadline.channels.exchange import Request, Response
from leadline.errors import Refused
from leadline.model import Attachment, Inbound, Outbound, StatusUpdate

from ..conftest import CUSTOMER, Town
from ..wire import NOW, settings_of

KEY = "plivo"
MESSAGE = Outbound(id="0194a.1", to=CUSTOMER, text="Hi & bye", status_url="https://b.example.com/status/key")


def test_the_vector(shared: Path) -> None:
    vector = json.loads((shared / "specs/vectors/phone-signatures.json").read_text("utf-8"))["plivo_v3_post"]
    settings = settings_of(KEY, auth_token=vector["token"])
    headers = {"x-plivo-signature-v3": vector["value"], "x-plivo-signature-v3-nonce": vector["nonce"]}
    body = urlencode(vector["params"]).encode()
    request = Request(method="POST", url=vector["url"], headers=headers, body=body, now=NOW)
    channel(KEY).verify(request, settings)
    several = headers | {"x-plivo-signature-v3": f"bm9uZQ==, {vector['value']}"}
    channel(KEY).verify(msgspec.structs.replace(request, headers=several), settings)
    for changes in (
        {"body": body + b"&More=1"},
        {"url": vector["url"] + "?more=1"},
        {"headers": headers | {"x-plivo-signature-v3-nonce": "12346"}},
    ):
        with pytest.raises(Refused):
            channel(KEY).verify(msgspec.structs.replace(request, **changes), settings)


async def test_a_conversation(town: Town) -> None:
    await town.providers.fakes[KEY].write(CUSTOMER, "Héllo & = % 👋", (("image/png", b"png"),))
    sent = await town.send(KEY, text="Hello, 👋")
    await town.providers.courier.settle()
    message, *updates = town.believed(KEY)
    assert isinstance(message, Inbound)
    assert (message.text, message.sender) == ("Héllo & = % 👋", CUSTOMER[1:])
    assert str(message.handles[0]) == f"tel:{CUSTOMER}"
    (file,) = message.attachments
    assert (await town.fetch(channel(KEY).media(file, town.settings(KEY)))).body == b"png"
    assert [
        (str(update.state), update.provider_id, update.outbound_id)
        for update in updates
        if isinstance(update, StatusUpdate)
    ] == [("sent", sent.provider_ids[0], "0194a.1"), ("delivered", sent.provider_ids[0], "0194a.1")]
    (delivery,) = town.providers.phones.received()
    assert (delivery.text, delivery.business) == ("Hello, 👋", "14155550166")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"to": "AMAZON"}, "invalid_recipient"), ({"text": ""}, "content_rejected")],
)
async def test_what_it_refuses_by_itself(town: Town, changes: dict[str, str], reason: str) -> None:
    sent = await town.send(KEY, **changes)
    assert (sent.outcome, sent.reason, sent.code) == ("refused", reason, "400")


async def test_wrong_credentials_wait_for_an_operator(town: Town) -> None:
    wrong = msgspec.structs.replace(town.settings(KEY), auth_token="wrong")
    sent = await town.calls.perform(channel(KEY).send(MESSAGE, wrong))
    assert (sent.outcome, sent.reason, sent.detail) == ("retry", "auth_failed", "authentication failed")
    await town.check_probe(KEY, wrong)


def test_credentials_go_to_plivo_alone() -> None:
    for url, known in (
        ("https://media.plivo.com/1", True),
        ("https://media-plivo.com/1", False),
        ("https://elsewhere.example.com/1", False),
    ):
        call = channel(KEY).media(Attachment(url=url), settings_of(KEY))
        assert bool(call.secrets) == known


def test_the_request() -> None:
    file = Attachment(content_type="image/png", url="https://files.example.com/1.png", name="1.png")
    text = {"src": "14155550166", "dst": CUSTOMER[1:], "text": "Hi & bye", "method": "POST"}
    text |= {"url": "https://b.example.com/status/key?outbound=0194a.1"}
    for attachments, wanted in (((), text), ((file,), text | {"type": "mms", "media_urls": [file.url]})):
        message = msgspec.structs.replace(MESSAGE, attachments=attachments)
        call = channel(KEY).build(message, settings_of(KEY))
        assert call.url == "https://api.plivo.com/v1/Account/MAMADEUPMADEUPMADE01/Message/"
        assert msgspec.json.decode(call.body) == wanted
        assert list(call.secrets) == ["authorization"]


@pytest.mark.parametrize(("letter", "room"), [("x", 1600), ("ж", 737)])
def test_long_texts_go_in_pieces(letter: str, room: int) -> None:
    message = msgspec.structs.replace(MESSAGE, text=letter * (room + 1))
    assert [len(piece.text) for piece in channel(KEY).pieces(message, settings_of(KEY))] == [room, 1]


@pytest.mark.parametrize(
    ("status", "body", "outcome", "reason"),
    [
        (202, {"message_uuid": ["1"]}, "accepted", ""),
        (202, {"message_uuid": []}, "unknown", "no_answer"),
        (202, None, "unknown", "no_answer"),
        (400, {"error": "dst parameter is invalid"}, "refused", "invalid_recipient"),
        (400, {"error": {"src": "is not yours"}}, "refused", "provider_error"),
        (400, {"error": "something new"}, "refused", "provider_error"),
        (400, {"error": "In this context nothing can be sent"}, "refused", "provider_error"),
        (400, {"error": "src and dst are invalid"}, "refused", "provider_error"),
        (400, {"error": "resource limit of the media server"}, "refused", "provider_error"),
        (400, {"error": "text exceeds the limit"}, "refused", "content_rejected"),
        (403, {"error": "not allowed for this country"}, "refused", "provider_error"),
        (403, None, "refused", "provider_error"),
        (402, {"error": "insufficient credit"}, "refused", "no_credit"),
        (401, {"error": "text"}, "retry", "auth_failed"),
        (429, {"error": "text"}, "retry", "rate_limited"),
        (500, {"error": "dst"}, "unknown", "no_answer"),
    ],
)
def test_answers(status: int, body: Any, outcome: str, reason: str) -> None:
    sent = channel(KEY).read(Response(status=status, body=msgspec.json.encode(body)), settings_of(KEY))
    assert (sent.outcome, sent.reason) == (outcome, reason)

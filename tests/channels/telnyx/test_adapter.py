"""Telnyx: signed with Ed25519, answers with codes, and reports to the address that a message named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from leadline.channels import channel
from leadline.channels.exchange import Request, Response
from leadline.channels.telnyx.adapter import TelnyxSettings
from leadline.errors import Refused
from leadline.model import Attachment, Inbound, Outbound, StatusUpdate

from ..conftest import CUSTOMER, Town
from ..wire import settings_of

KEY = "telnyx"
MESSAGE = Outbound(id="0194a.1", to=CUSTOMER, text="Hi & bye", status_url="https://b.example.com/status/key")


def test_the_vector(shared: Path) -> None:
    vector = json.loads((shared / "specs/vectors/phone-signatures.json").read_text("utf-8"))["telnyx_ed25519"]
    settings = settings_of(KEY, public_key=vector["public_key"])
    moment = float(vector["timestamp"])
    headers = {"telnyx-timestamp": vector["timestamp"], "telnyx-signature-ed25519": vector["value"]}
    request = Request(method="POST", url="", headers=headers, body=vector["body"].encode(), now=moment + 10)
    channel(KEY).verify(request, settings)
    for changes in ({"body": request.body + b" "}, {"now": moment + 301}, {"headers": headers | {KEY: ""}, "now": 0.0}):
        with pytest.raises(Refused):
            channel(KEY).verify(msgspec.structs.replace(request, **changes), settings)


@pytest.mark.parametrize("key", ["", "no base64", "AAAA"])
def test_a_public_key_cut_short_is_told_at_once(key: str) -> None:
    with pytest.raises(ValueError, match="Account > Public Key"):
        TelnyxSettings(api_key="KEY1", public_key=key, number="+14155550155")


async def test_a_conversation(town: Town) -> None:
    await town.providers.fakes[KEY].write(CUSTOMER, "Héllo & = % 👋", (("image/png", b"png"),))
    sent = await town.send(KEY, text="Hello, 👋")
    await town.providers.courier.settle()
    message, *updates = town.believed(KEY)
    assert isinstance(message, Inbound)
    assert (message.text, message.sender, str(message.handles[0])) == ("Héllo & = % 👋", CUSTOMER, f"tel:{CUSTOMER}")
    (file,) = message.attachments
    assert (await town.fetch(channel(KEY).media(file, town.settings(KEY)))).body == b"png"
    assert [
        (str(update.state), update.provider_id, update.outbound_id)
        for update in updates
        if isinstance(update, StatusUpdate)
    ] == [("sent", sent.provider_ids[0], "0194a.1"), ("delivered", sent.provider_ids[0], "0194a.1")]
    (delivery,) = town.providers.phones.received()
    assert (delivery.text, delivery.business) == ("Hello, 👋", "+14155550155")


@pytest.mark.parametrize(
    ("changes", "reason", "code"),
    [
        ({"to": "AMAZON"}, "invalid_recipient", "40310"),
        ({"text": ""}, "content_rejected", "40316"),
        ({"text": "x" * 1531}, "too_long", "40302"),
    ],
)
async def test_what_it_refuses_by_itself(town: Town, changes: dict[str, str], reason: str, code: str) -> None:
    sent = await town.send(KEY, **changes)
    assert (sent.outcome, sent.reason, sent.code) == ("refused", reason, code)


async def test_wrong_credentials_wait_for_an_operator(town: Town) -> None:
    wrong = msgspec.structs.replace(town.settings(KEY), api_key="wrong")
    sent = await town.calls.perform(channel(KEY).send(MESSAGE, wrong))
    assert (sent.outcome, sent.reason, sent.code) == ("retry", "auth_failed", "10009")
    await town.check_probe(KEY, wrong)


def test_the_request() -> None:
    call = channel(KEY).build(MESSAGE, settings_of(KEY))
    assert (call.method, call.url) == ("POST", "https://api.telnyx.com/v2/messages")
    assert dict(call.secrets) == {"authorization": "Bearer KEYmade-up-telnyx-key"}
    assert msgspec.json.decode(call.body) == {
        "from": "+14155550155",
        "to": CUSTOMER,
        "text": "Hi & bye",
        "webhook_url": "https://b.example.com/status/key?outbound=0194a.1",
        "use_profile_webhooks": False,
    }


async def test_long_texts_and_files_go_in_pieces(town: Town) -> None:
    file = Attachment(content_type="image/png", url="https://files.example.com/1.png", name="1.png")
    message = msgspec.structs.replace(MESSAGE, text="long " * 500, attachments=(file, file))
    pieces = channel(KEY).pieces(message, town.settings(KEY))
    assert [len(piece.attachments) for piece in pieces] == [0, 0, 1, 1]
    for piece in pieces:
        assert (await town.calls.perform(channel(KEY).send(piece, town.settings(KEY)))).outcome == "accepted"
    assert [delivery.media for delivery in town.providers.phones.received()][2:] == [(file.url,)] * 2


def _errors(code: str) -> dict[str, Any]:
    return {"errors": [{"code": code, "title": "Title", "detail": "Detail"}]}


@pytest.mark.parametrize(
    ("status", "body", "outcome", "reason"),
    [
        (200, {"data": {"id": "1"}}, "accepted", ""),
        (200, {"data": {}}, "unknown", "no_answer"),
        (200, None, "unknown", "no_answer"),
        (422, _errors("40300"), "refused", "opted_out"),
        (422, _errors("40302"), "refused", "too_long"),
        (422, _errors("99999"), "refused", "provider_error"),
        (429, _errors("40318"), "retry", "rate_limited"),
        (401, _errors("10009"), "retry", "auth_failed"),
        (403, {}, "retry", "auth_failed"),
        (500, _errors("40300"), "unknown", "no_answer"),
    ],
)
def test_answers(status: int, body: Any, outcome: str, reason: str) -> None:
    sent = channel(KEY).read(Response(status=status, body=msgspec.json.encode(body)), settings_of(KEY))
    assert (sent.outcome, sent.reason) == (outcome, reason)

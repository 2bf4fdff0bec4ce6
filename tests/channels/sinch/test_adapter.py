"""Sinch: callbacks that nothing signs, reports on each message, and our id as the reference."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from leadline.channels import channel
from leadline.channels.exchange import Request, Response
from leadline.model import Attachment, Inbound, Outbound, StatusUpdate

from ..conftest import CUSTOMER, Town
from ..wire import NOW, settings_of

KEY = "sinch"
MESSAGE = Outbound(id="0194a.1", to=CUSTOMER, text="Hi & bye", status_url="https://b.example.com/status/key")


def test_where_nothing_was_agreed_on_the_address_is_all() -> None:
    request = Request(method="POST", url="", headers={}, body=b"{}", now=NOW)
    channel(KEY).verify(request, settings_of(KEY, callback_authorization=""))


async def test_a_conversation(town: Town) -> None:
    await town.providers.fakes[KEY].write(CUSTOMER, "Héllo & = % 👋")
    await town.providers.fakes[KEY].write(CUSTOMER, "See", (("image/png", b"png"),))
    sent = await town.send(KEY, text="Hello, 👋")
    await town.providers.courier.settle()
    message, picture, *updates = town.believed(KEY)
    assert isinstance(message, Inbound)
    assert isinstance(picture, Inbound)
    assert (message.text, message.sender) == ("Héllo & = % 👋", CUSTOMER[1:])
    assert str(message.handles[0]) == f"tel:{CUSTOMER}"
    (file,) = picture.attachments
    assert picture.text == "See"
    assert (await town.fetch(channel(KEY).media(file, town.settings(KEY)))).body == b"png"
    assert [
        (str(update.state), update.provider_id, update.outbound_id)
        for update in updates
        if isinstance(update, StatusUpdate)
    ] == [("sent", sent.provider_ids[0], "0194a.1"), ("delivered", sent.provider_ids[0], "0194a.1")]
    (delivery,) = town.providers.phones.received()
    assert (delivery.text, delivery.business) == ("Hello, 👋", "+14155550177")


@pytest.mark.parametrize(
    ("changes", "reason", "code"),
    [
        ({"to": "AMAZON"}, "invalid_recipient", "syntax_invalid_parameter_format"),
        ({"text": ""}, "content_rejected", "syntax_constraint_violation"),
    ],
)
async def test_what_it_refuses_by_itself(town: Town, changes: dict[str, str], reason: str, code: str) -> None:
    sent = await town.send(KEY, **changes)
    assert (sent.outcome, sent.reason, sent.code) == ("refused", reason, code)


async def test_wrong_credentials_wait_for_an_operator(town: Town) -> None:
    wrong = msgspec.structs.replace(town.settings(KEY), api_token="wrong")
    sent = await town.calls.perform(channel(KEY).send(MESSAGE, wrong))
    assert (sent.outcome, sent.reason, sent.detail) == ("retry", "auth_failed", "Unauthorized")
    await town.check_probe(KEY, wrong)


def test_the_request() -> None:
    shared = {
        "from": "14155550177",
        "to": [CUSTOMER[1:]],
        "delivery_report": "per_recipient",
        "client_reference": "0194a.1",
        "callback_url": MESSAGE.status_url,
    }
    file = Attachment(content_type="image/png", url="https://files.example.com/1.png", name="1.png")
    for message, wanted in (
        (MESSAGE, {"type": "mt_text", "body": "Hi & bye"}),
        (
            msgspec.structs.replace(MESSAGE, text="", attachments=(file,)),
            {"type": "mt_media", "body": {"url": file.url}},
        ),
    ):
        call = channel(KEY).build(message, settings_of(KEY))
        assert call.url == "https://us.sms.api.sinch.com/xms/v1/made-up-plan/batches"
        assert dict(call.secrets) == {"authorization": "Bearer made-up-sinch-token"}
        assert msgspec.json.decode(call.body) == shared | wanted


async def test_long_texts_and_files_go_in_pieces(town: Town) -> None:
    file = Attachment(content_type="image/png", url="https://files.example.com/1.png", name="1.png")
    message = msgspec.structs.replace(MESSAGE, text="long " * 500, attachments=(file, file))
    pieces = channel(KEY).pieces(message, town.settings(KEY))
    assert [len(piece.attachments) for piece in pieces] == [0, 0, 1, 1]
    for piece in pieces:
        assert (await town.calls.perform(channel(KEY).send(piece, town.settings(KEY)))).outcome == "accepted"


@pytest.mark.parametrize(
    ("status", "body", "outcome", "reason"),
    [
        (201, {"id": "1"}, "accepted", ""),
        (201, {}, "unknown", "no_answer"),
        (201, None, "unknown", "no_answer"),
        (400, {"code": "syntax_invalid_parameter_format"}, "refused", "invalid_recipient"),
        (400, {"code": "new"}, "refused", "provider_error"),
        (403, {"code": "forbidden"}, "refused", "sender_rejected"),
        (403, {}, "refused", "provider_error"),
        (403, {"code": "new", "text": "Not today"}, "refused", "provider_error"),
        (401, {}, "retry", "auth_failed"),
        (429, {}, "retry", "rate_limited"),
        (500, {"code": "forbidden"}, "unknown", "no_answer"),
    ],
)
def test_answers(status: int, body: Any, outcome: str, reason: str) -> None:
    sent = channel(KEY).read(Response(status=status, body=msgspec.json.encode(body)), settings_of(KEY))
    assert (sent.outcome, sent.reason) == (outcome, reason)

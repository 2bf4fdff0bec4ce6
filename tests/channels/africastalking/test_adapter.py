"""Africa's Talking: success that hides failures, ids that differ, and a list that knows no time."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.channels import channel
from leadline.channels.exchange import Call, Response, Steps
from leadline.errors import ProviderTrouble
from leadline.model import Attachment, Inbound, Outbound, StatusUpdate
from leadline.sandbox.providers import AfricasTalkingFake

from ..conftest import CUSTOMER, Town
from ..wire import settings_of

KEY = "africastalking"
MESSAGE = Outbound(id="0194a.1", to="+254791541111", text="Hi & bye", status_url="https://b.example.com/status/key")


async def test_a_conversation(town: Town) -> None:
    await town.providers.of(AfricasTalkingFake).write(CUSTOMER, "Héllo & = % 👋")
    sent = await town.send(KEY, text="Hello, 👋")
    await town.providers.courier.settle()
    message, *updates = town.believed(KEY)
    assert isinstance(message, Inbound)
    assert (message.text, message.sender, str(message.handles[0])) == ("Héllo & = % 👋", CUSTOMER, f"tel:{CUSTOMER}")
    assert [(str(update.state), update.provider_id) for update in updates if isinstance(update, StatusUpdate)] == [
        ("sent", sent.provider_ids[0]),
        ("delivered", sent.provider_ids[0]),
    ]
    (delivery,) = town.providers.phones.received()
    assert (delivery.text, delivery.business) == ("Hello, 👋", "21512")


@pytest.mark.parametrize(
    ("changes", "reason", "code"),
    [({"to": "AMAZON"}, "invalid_recipient", "403"), ({"text": ""}, "provider_error", "400")],
)
async def test_what_it_refuses_by_itself(town: Town, changes: dict[str, str], reason: str, code: str) -> None:
    sent = await town.send(KEY, **changes)
    assert (sent.outcome, sent.reason, sent.code) == ("refused", reason, code)


async def test_an_empty_list_of_recipients_is_no_success(town: Town) -> None:
    other = msgspec.structs.replace(town.settings(KEY), number="NOTMINE")
    sent = await town.calls.perform(channel(KEY).send(MESSAGE, other))
    assert (sent.outcome, sent.reason, sent.code) == ("refused", "sender_rejected", "InvalidSenderId")


async def test_opting_out(town: Town) -> None:
    await town.providers.of(AfricasTalkingFake).opt_out(CUSTOMER)
    (request,) = town.requests
    (consent,) = channel(KEY).parse(request, town.settings(KEY)).consents
    assert (consent.state, consent.about, str(consent.handles[0])) == ("out", "everything", f"tel:{CUSTOMER}")
    sent = await town.send(KEY)
    assert (sent.outcome, sent.reason, sent.code) == ("refused", "opted_out", "406")


async def test_wrong_credentials_wait_for_an_operator(town: Town) -> None:
    wrong = msgspec.structs.replace(town.settings(KEY), api_key="wrong")
    sent = await town.calls.perform(channel(KEY).send(MESSAGE, wrong))
    assert (sent.outcome, sent.reason, sent.detail) == (
        "retry",
        "auth_failed",
        "The supplied authentication is invalid",
    )
    with pytest.raises(ProviderTrouble, match="HTTP 401"):
        await town.calls.perform(channel(KEY).poll(0.0, wrong))
    await town.check_probe(KEY, wrong)


# -- missed messages --------------------------------------------------------------------------------------------------


async def test_what_no_webhook_brought_is_in_the_list(town: Town) -> None:
    """The list has other ids than the webhooks; the messages are the same all the same, links too."""
    fake, began = town.providers.of(AfricasTalkingFake), time.time()
    fake.inbox = [_listed(number, number * 0.1) for number in range(250)]
    town.answer = 503
    for number in range(120):
        await fake.write(CUSTOMER, f"message {number}")
    missed = [message for message in town.believed(KEY) if isinstance(message, Inbound)]
    polled = await town.calls.perform(channel(KEY).poll(began - 2, town.settings(KEY)))
    assert len(missed) == 120
    assert polled.messages == tuple(missed)


def _listed(number: int, at: float, text: str = "old") -> dict[str, Any]:
    date = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
    return {"id": number, "from": "+254791541111", "to": "21512", "text": text, "date": date, "linkId": ""}


def answered(steps: Steps[Any], inbox: list[dict[str, Any]]) -> tuple[Any, int]:
    """The result of a poll over this inbox, and how many questions it took."""
    questions = 0
    try:
        call = next(steps)
        while True:
            assert isinstance(call, Call)
            questions += 1
            last = int(parse_qs(urlsplit(call.url).query)["lastReceivedId"][0])
            page = [message for message in inbox if message["id"] > last][:100]
            body = msgspec.json.encode({"SMSMessageData": {"Messages": page}})
            call = steps.send(Response(status=200, body=body))
    except StopIteration as done:
        return done.value, questions


@given(
    gaps=st.lists(st.integers(1, 3) | st.integers(1, 10**7), max_size=700),
    new=st.integers(0, 300),
)
def test_the_beginning_is_found_whatever_the_ids(gaps: list[int], new: int) -> None:
    ids = [sum(gaps[: place + 1]) for place in range(len(gaps))]
    fresh = max(0, len(ids) - new)
    inbox = [_listed(number, 1e9 if place < fresh else 2e9, str(place)) for place, number in enumerate(ids)]
    found, questions = answered(channel(KEY).poll(1.5e9, settings_of(KEY)), inbox)
    assert [message.text for message in found.messages] == [str(place) for place in range(fresh, len(ids))]
    assert questions < 100


def test_a_list_without_end_is_given_up() -> None:
    steps = channel(KEY).poll(0.0, settings_of(KEY))
    next(steps)
    body = msgspec.json.encode({"SMSMessageData": {"Messages": [_listed(5, 1e9)]}})
    for _ in range(199):
        steps.send(Response(status=200, body=body))
    with pytest.raises(ProviderTrouble, match="does not end"):
        steps.send(Response(status=200, body=body))


@pytest.mark.parametrize("body", [b"", b"[]", b'{"SMSMessageData":{}}', b"\xff"])
def test_no_list_is_no_empty_list(body: bytes) -> None:
    steps = channel(KEY).poll(0.0, settings_of(KEY))
    next(steps)
    with pytest.raises(ProviderTrouble):
        steps.send(Response(status=200, body=body))


# -- requests and answers ---------------------------------------------------------------------------------------------


def test_requests_go_where_the_app_lives() -> None:
    bulk = {"username": ["made-up-app"], "to": ["+254791541111"], "message": ["Hi & bye"], "from": ["21512"]}
    premium = {"bulkSMSMode": ["0"], "keyword": ["help"], "linkId": ["7a2c1f"]}
    answer = msgspec.structs.replace(MESSAGE, reply_ref="7a2c1f")
    for message, changes, host, wanted in (
        (MESSAGE, {}, "api.africastalking.com", bulk),
        (answer, {}, "content.africastalking.com", bulk | premium),
        (answer, {"keyword": ""}, "api.africastalking.com", bulk),
        (MESSAGE, {"username": "sandbox"}, "api.sandbox.africastalking.com", bulk | {"username": ["sandbox"]}),
    ):
        call = channel(KEY).build(message, settings_of(KEY, **changes))
        assert call.url == f"https://{host}/version1/messaging"
        assert parse_qs(call.body.decode()) == wanted
        assert dict(call.secrets) == {"apikey": "made-up-key"}
        assert call.headers["accept"] == "application/json"


def test_files_go_as_links() -> None:
    file = Attachment(content_type="image/png", url="https://files.example.com/1.png", name="1.png")
    _, piece = channel(KEY).pieces(msgspec.structs.replace(MESSAGE, attachments=(file,)), settings_of(KEY))
    body = parse_qs(channel(KEY).build(piece, settings_of(KEY)).body.decode())
    assert body["message"] == ["1.png: https://files.example.com/1.png"]


def _outcome(code: int, number: str = "ATXid_1") -> dict[str, Any]:
    return {"SMSMessageData": {"Message": "m", "Recipients": [{"statusCode": code, "messageId": number}]}}


@pytest.mark.parametrize(
    ("status", "body", "outcome", "reason"),
    [
        (201, _outcome(100), "accepted", ""),
        (201, _outcome(102), "accepted", ""),
        (201, _outcome(101, "None"), "unknown", "no_answer"),
        (201, _outcome(500), "unknown", "no_answer"),
        (201, _outcome(999), "refused", "provider_error"),
        (201, {"SMSMessageData": {"Message": "InsufficientBalance", "Recipients": []}}, "refused", "no_credit"),
        (201, {"SMSMessageData": {"Message": "New trouble", "Recipients": []}}, "refused", "provider_error"),
        (201, {}, "unknown", "no_answer"),
        (400, _outcome(101), "refused", "provider_error"),
        (429, {}, "retry", "rate_limited"),
        (500, {}, "unknown", "no_answer"),
        (0, None, "unknown", "no_answer"),
    ],
)
def test_answers(status: int, body: Any, outcome: str, reason: str) -> None:
    raw = b"" if body is None else msgspec.json.encode(body)
    sent = channel(KEY).read(Response(status=status, body=raw), settings_of(KEY))
    assert (sent.outcome, sent.reason) == (outcome, reason)
    assert sent.provider_ids == (("ATXid_1",) if outcome == "accepted" else ())

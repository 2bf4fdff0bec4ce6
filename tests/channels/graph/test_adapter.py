"""Messenger and Instagram: requests, answers, the human agent's second try, profiles, receipts, signatures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from leadline.channels import channel
from leadline.channels.exchange import Call, Request, Response
from leadline.errors import ProviderTrouble, Refused
from leadline.model import Attachment, Inbound, Outbound, Profile, StatusUpdate
from leadline.sandbox.providers import FAKES, Fault
from leadline.sandbox.providers.graph.fake import GraphFake

from ..conftest import Town
from ..wire import request_of, settings_of

KEYS = ("messenger", "instagram")
MESSAGE = Outbound(id="0194a.1", to="2002", text="Hi & bye")
PICTURE = Attachment(content_type="image/png", url="https://files.example.com/1.png", name="1.png")
SHEET = Attachment(content_type="application/pdf", url="https://files.example.com/2.pdf", name="2.pdf")
BODIES: dict[str, dict[str, Any]] = {
    "messenger": {"messaging_type": "RESPONSE", "message": {"metadata": "0194a.1"}},
    "instagram": {"message": {}},
}


def fake_of(town: Town, key: str) -> GraphFake[Any]:
    fake = town.providers.fakes[key]
    assert isinstance(fake, GraphFake)
    return fake


def answer(code: int, subcode: int = 0) -> bytes:
    return msgspec.json.encode({"error": {"code": code, "error_subcode": subcode, "message": "why"}})


# -- requests ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "url"),
    [
        ("messenger", "https://graph.facebook.com/v25.0/1001/messages"),
        ("instagram", "https://graph.instagram.com/v25.0/17841400000000001/messages"),
    ],
)
def test_requests(key: str, url: str) -> None:
    for files, content in (
        ((), {"text": "Hi & bye"}),
        ((PICTURE,), {"attachment": {"type": "image", "payload": {"url": PICTURE.url}}}),
        ((SHEET,), {"attachment": {"type": "file", "payload": {"url": SHEET.url}}}),
    ):
        call = channel(key).build(msgspec.structs.replace(MESSAGE, attachments=files), settings_of(key))
        assert (call.method, call.url) == ("POST", url)
        assert call.secrets == {"authorization": "Bearer made-up-token"}
        expected = BODIES[key] | {"recipient": {"id": "2002"}, "message": {**BODIES[key]["message"], **content}}
        assert msgspec.json.decode(call.body) == expected


@pytest.mark.parametrize(
    ("key", "text", "files", "sizes"),
    [
        ("messenger", "x" * 2001, 1, [2000, 1, 0]),
        ("messenger", "é" * 2000, 0, [2000]),
        ("instagram", "é" * 501, 2, [500, 1, 0, 0]),
        ("instagram", "😀" * 251, 0, [250, 1]),
        ("instagram", "", 1, [0]),
    ],
)
def test_pieces(key: str, text: str, files: int, sizes: list[int]) -> None:
    message = msgspec.structs.replace(MESSAGE, text=text, attachments=(PICTURE,) * files)
    pieces = channel(key).pieces(message, settings_of(key))
    assert [len(piece.text) for piece in pieces] == sizes
    assert [bool(piece.text) + len(piece.attachments) for piece in pieces] == [1] * len(sizes)


# -- answers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(
    ("status", "body", "outcome", "reason", "code"),
    [
        (200, b'{"recipient_id": "2002", "message_id": "m_1"}', "accepted", "", ""),
        (200, b'{"recipient_id": "2002"}', "unknown", "no_answer", "200"),
        (0, b"", "unknown", "no_answer", "0"),
        (502, b"bad gateway", "unknown", "no_answer", "502"),
        (500, answer(1, 1357046), "unknown", "no_answer", "1/1357046"),
        (503, answer(2), "retry", "provider_error", "2"),
        (400, answer(1200), "retry", "provider_error", "1200"),
        (400, answer(613, 2534040), "retry", "rate_limited", "613/2534040"),
        (400, answer(4), "retry", "rate_limited", "4"),
        (429, b"", "retry", "rate_limited", "429"),
        (401, answer(190, 463), "retry", "auth_failed", "190/463"),
        (400, answer(10), "retry", "auth_failed", "10"),
        (403, answer(200), "retry", "auth_failed", "200"),
        (400, answer(10, 2018278), "refused", "window_closed", "10/2018278"),
        (400, answer(10, 2534022), "refused", "window_closed", "10/2534022"),
        (400, answer(10, 1893063), "refused", "account_suspended", "10/1893063"),
        (400, answer(100, 2018001), "refused", "invalid_recipient", "100/2018001"),
        (400, answer(100, 2534014), "refused", "invalid_recipient", "100/2534014"),
        (400, answer(200, 2534041), "refused", "sender_rejected", "200/2534041"),
        (400, answer(100, 2018008), "refused", "media_rejected", "100/2018008"),
        (400, answer(551), "refused", "not_on_channel", "551"),
        (400, answer(368), "refused", "account_suspended", "368"),
        (400, answer(100), "refused", "provider_error", "100"),
        (400, answer(424242), "refused", "provider_error", "424242"),
    ],
)
def test_answers(key: str, status: int, body: bytes, outcome: str, reason: str, code: str) -> None:
    sent = channel(key).read(Response(status=status, body=body), settings_of(key))
    assert (sent.outcome, sent.reason, sent.code) == (outcome, reason, code)
    assert sent.provider_ids == (("m_1",) if outcome == "accepted" else ())


@pytest.mark.parametrize("key", KEYS)
async def test_every_failure(town: Town, key: str) -> None:
    for fault in FAKES[key].faults_known.values():
        await failure(town, key, fault)


async def failure(town: Town, key: str, fault: Fault) -> None:
    before = len(town.providers.phones.received())
    town.providers.faults.plan(key, fault)
    sent = await town.send(key)
    taken = len(town.providers.phones.received()) > before
    assert taken == (fault.how == "drop")
    assert sent.outcome in (("unknown",) if taken or fault.how == "down" else ("refused", "retry"))
    assert fault.how != "refuse" or sent.code.split("/")[0] == str(fault.code)
    assert (await town.send(key)).outcome == "accepted"


@pytest.mark.parametrize("key", KEYS)
async def test_after_the_window_only_a_human_agent_gets_through(town: Town, key: str) -> None:
    fake, settings = fake_of(town, key), town.settings(key)
    fake.closed.add("2002")
    for human_agent, outcome in ((False, "refused"), (True, "accepted")):
        changed = msgspec.structs.replace(settings, human_agent=human_agent)
        sent = await town.calls.perform(channel(key).send(MESSAGE, changed))
        assert (sent.outcome, sent.reason) == (outcome, "" if human_agent else "window_closed")
        assert channel(key).abilities(changed).window == (604_800 if human_agent else 86_400)
    assert len(town.providers.phones.received()) == 1


@pytest.mark.parametrize("key", KEYS)
async def test_what_meta_refuses_by_itself(town: Town, key: str) -> None:
    for changes, reason in (
        ({"to": "ANN"}, "invalid_recipient"),
        ({"text": "x" * 2001}, "provider_error"),
        ({"attachments": (Attachment(url="ftp://a.example/x"),)}, "media_rejected"),
    ):
        sent = await town.send(key, **changes)
        assert (sent.outcome, sent.reason) == ("refused", reason)
    wrong = msgspec.structs.replace(town.settings(key), access_token="wrong")
    assert (await town.calls.perform(channel(key).send(MESSAGE, wrong))).reason == "auth_failed"
    await town.check_probe(key, wrong)


@pytest.mark.parametrize("key", KEYS)
async def test_the_probe_tells_that_meta_took_the_subscription_away(town: Town, key: str) -> None:
    fake, adapter, settings = fake_of(town, key), channel(key), town.settings(key)
    probe = adapter.probe(settings)
    assert probe is not None
    assert adapter.probed(await town.calls.send(probe), settings) == ""
    fake.subscribed = ()
    assert "not subscribed to messages" in adapter.probed(await town.calls.send(probe), settings)
    await town.calls.perform(adapter.register("https://bridge.example.com/in/k", settings))
    assert adapter.probed(await town.calls.send(probe), settings) == ""
    wrong = msgspec.structs.replace(settings, access_token="wrong")
    with pytest.raises(ProviderTrouble, match="Invalid OAuth access token"):
        await town.calls.perform(adapter.register("https://bridge.example.com/in/k", wrong))


# -- receipts ---------------------------------------------------------------------------------------------------------


async def test_messenger_tells_of_echo_delivery_and_reading(town: Town) -> None:
    sent = await town.send("messenger")
    await town.providers.courier.settle()
    updates = [update for update in town.believed("messenger") if isinstance(update, StatusUpdate)]
    assert [update.state for update in updates] == ["sent", "delivered", "read"]
    echo, delivered, read = updates
    assert (echo.outbound_id, (echo.provider_id,)) == ("0194a.1", sent.provider_ids)
    assert (delivered.provider_id,) == sent.provider_ids
    assert (read.sender, read.provider_id, read.until is None) == ("353888888999", "", False)


async def test_instagram_tells_of_reading_only(town: Town) -> None:
    sent = await town.send("instagram")
    await town.providers.courier.settle()
    (read,) = town.believed("instagram")
    assert isinstance(read, StatusUpdate)
    assert (read.state, (read.provider_id,)) == ("read", sent.provider_ids)


# -- customers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", KEYS)
async def test_a_customers_words_and_files(town: Town, key: str) -> None:
    fake = fake_of(town, key)
    await fake.write(fake.customer(1), "Broken!", [("image/jpeg", b"JPEG"), ("application/pdf", b"%PDF")])
    messages = [message for message in town.believed(key) if isinstance(message, Inbound)]
    assert [message.text for message in messages] == ["", "", "Broken!"]
    assert {str(message.handles[0]) for message in messages} == {f"{key}:{fake.account}/{fake.customer(1)}"}
    files = [file for message in messages for file in message.attachments]
    calls = [channel(key).media(file, town.settings(key)) for file in files]
    assert [(await town.fetch(call)).body for call in calls] == [b"JPEG", b"%PDF"]
    assert not any(call.secrets for call in calls)


@pytest.mark.parametrize("key", KEYS)
async def test_a_name_is_looked_up_and_never_waited_for(town: Town, key: str) -> None:
    fake, adapter, settings = fake_of(town, key), channel(key), town.settings(key)
    fake.profiles[fake.customer(1)] = {
        "first_name": "Seán",
        "last_name": "Ó Briain",
        "profile_pic": "https://x.fbcdn.net/1",
    }
    fake.profiles[fake.customer(2)] = {"name": "Áine", "username": "aine"}
    found = []
    for number in (1, 2, 3):
        await fake.write(fake.customer(number), "Hi")
        message = town.believed(key)[-1]
        assert isinstance(message, Inbound)
        found.append(await town.calls.perform(adapter.look_up(message, settings)))
    assert found == [
        Profile(name="Seán Ó Briain", avatar_url="https://x.fbcdn.net/1"),
        Profile(name="Áine", username="aine"),
        Profile(name=f"{adapter.title} …{fake.customer(3)[-4:]}"),
    ]


def test_a_profile_is_asked_for_with_the_token_in_a_header() -> None:
    message = Inbound(provider_id="1", sender="2002", handles=())
    call = next(channel("messenger").look_up(message, settings_of("messenger")))
    assert isinstance(call, Call)
    assert call.harmless
    assert (urlsplit(call.url).path, parse_qs(urlsplit(call.url).query)) == (
        "/v25.0/2002",
        {"fields": ["name,first_name,last_name,profile_pic"]},
    )
    assert "made-up" not in call.url


# -- webhooks ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", KEYS)
def test_the_address_is_tested_by_metas_handshake(key: str) -> None:
    adapter, settings = channel(key), settings_of(key)
    asked = "hub.mode=subscribe&hub.verify_token={}&hub.challenge={}"
    request = request_of(key, b"", method="GET", query=asked.format("made-up-verify-token", "1158201444"))
    answered = adapter.handshake(request, settings)
    assert answered is not None
    assert (answered.body, answered.content_type) == ("1158201444", "text/plain; charset=utf-8")
    assert adapter.handshake(request_of(key, b"{}"), settings) is None
    for token, challenge in (("wrong", "1158201444"), ("", "1"), ("made-up-verify-token", "<script>")):
        with pytest.raises(Refused):
            adapter.handshake(request_of(key, b"", method="GET", query=asked.format(token, challenge)), settings)


def test_the_vector(shared: Path) -> None:
    """The escaped form is what Meta signs; the same JSON in another spelling must be refused."""
    vector = json.loads((shared / "specs/vectors/social-signatures.json").read_text("utf-8"))["meta"]
    settings = settings_of("messenger", app_secret=vector["app_secret"])
    headers = {"x-hub-signature-256": vector["X-Hub-Signature-256"]}
    request = Request(method="POST", url="", headers=headers, body=vector["body"].encode(), now=0)
    channel("messenger").verify(request, settings)
    (message,) = channel("messenger").parse(request, settings).messages
    assert message.text == "héllo"
    unescaped = vector["body"].replace("\\u00e9", "é").encode()
    with pytest.raises(Refused):
        channel("messenger").verify(msgspec.structs.replace(request, body=unescaped), settings)


def test_instagram_believes_both_secrets() -> None:
    settings = settings_of("instagram")
    request = request_of("instagram", b"{}")
    channel("instagram").verify(request, settings)
    swapped = settings_of("instagram", app_secret=settings.instagram_app_secret, instagram_app_secret="")
    channel("instagram").verify(request, swapped)
    with pytest.raises(Refused):
        channel("instagram").verify(request, settings_of("instagram", instagram_app_secret=""))

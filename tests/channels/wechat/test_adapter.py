"""WeChat: encrypted bodies and XML without entities, the token first, five answers in 48 hours, errors in the body."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.channels import channel
from leadline.channels.exchange import Call, Response
from leadline.channels.http import first_of, query
from leadline.channels.reasons import REASONS
from leadline.channels.wechat.codes import REASON_OF_CODE, TOKEN_DIED, WAITS
from leadline.channels.wechat.seal import decrypted, encrypted, fields, key_of, sealed_by
from leadline.connections.media import Media
from leadline.connections.switchboard import Connected
from leadline.errors import ProviderTrouble, Refused, Unreadable
from leadline.model import Attachment, Inbound, Outbound, Profile
from leadline.sandbox.providers import Fault, WeChatFake
from leadline.sandbox.providers.wechat import fake as wechat
from leadline.store.channels import ChannelRow

from ..conftest import Town
from ..wire import ADDRESS, request_of, settings_of

CUSTOMER = WeChatFake.customer(7)
PICTURE = Attachment(content_type="image/png", url="https://files.example.com/1.png", name="1.png")
SHEET = Attachment(content_type="text/csv", url="https://files.example.com/3.csv", name="3.csv")
ADAPTER = channel("wechat")
KEY = key_of("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG")
PLAIN = b"<xml><FromUserName>o1</FromUserName><MsgType>text</MsgType><Content>Hi</Content><MsgId>1</MsgId></xml>"
LAUGHS = b'<!DOCTYPE xml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><xml><Content>&b;</Content></xml>'
THIEF = b'<!DOCTYPE xml [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><Content>&a;</Content></xml>'


# -- what WeChat sends ------------------------------------------------------------------------------------------------


def test_vectors(shared: Path) -> None:
    vector = json.loads((shared / "specs/vectors/social-signatures.json").read_text("utf-8"))["wechat"]
    token, moment, nonce = vector["token"], vector["timestamp"], vector["nonce"]
    seal = sealed_by(token, moment, nonce)
    assert seal == vector["signature (GET verify and every POST)"]
    assert sealed_by(token, moment, nonce, vector["Encrypt"]) == vector["msg_signature"]
    key = key_of(vector["EncodingAESKey"])
    opened = decrypted(vector["Encrypt"], key, vector["appid"])
    assert opened.decode() == vector["plaintext"]
    assert encrypted(opened, key, vector["appid"], vector["random16"].encode()) == vector["Encrypt"]
    settings = settings_of("wechat", token=token, app_id=vector["appid"], encoding_aes_key=vector["EncodingAESKey"])
    body = f"<xml><Encrypt><![CDATA[{vector['Encrypt']}]]></Encrypt></xml>".encode()
    url = f"{ADDRESS}?signature={seal}&timestamp={moment}&nonce={nonce}&msg_signature={vector['msg_signature']}"
    request = msgspec.structs.replace(request_of("wechat", b""), url=url, body=body, now=float(moment) + 299)
    ADAPTER.verify(request, settings)
    (message,) = ADAPTER.parse(request, settings).messages
    assert (message.text, message.provider_id) == ("hi", "1")
    other = vector["Encrypt"][:-8] + "AAAAAAA="
    for changes in (
        {"now": float(moment) + 301},
        {"url": url.replace("nonce=4", "nonce=5")},
        {"url": url.partition("&msg_signature")[0]},
        {"body": body.replace(vector["Encrypt"].encode(), other.encode())},
        {"body": PLAIN},
        {"body": LAUGHS},
        {"body": b"{}"},
    ):
        with pytest.raises(Refused):
            ADAPTER.verify(msgspec.structs.replace(request, **changes), settings)
    with pytest.raises(Refused):
        ADAPTER.verify(request, msgspec.structs.replace(settings, token=""))
    with pytest.raises(Unreadable, match="app_id"):
        ADAPTER.parse(request, msgspec.structs.replace(settings, app_id="wx2"))


@given(st.binary(max_size=200), st.binary(min_size=16, max_size=16))
def test_what_is_encrypted_opens_for_its_own_app_only(text: bytes, nonce: bytes) -> None:
    sealed = encrypted(text, KEY, "wx1", nonce)
    assert decrypted(sealed, KEY, "wx1") == text
    for key, app_id in ((KEY, "wx2"), (KEY[::-1], "wx1")):
        with pytest.raises(Unreadable):
            decrypted(sealed, key, app_id)


@given(st.text(max_size=80) | st.binary(max_size=64).map(lambda raw: raw.hex()))
def test_anything_else_does_not_open(text: str) -> None:
    with pytest.raises(Unreadable):
        decrypted(text, KEY, "wx1")


@pytest.mark.parametrize(
    "body",
    [LAUGHS, THIEF, b"<xml><a>&b;</a></xml>", b"<xml>", b"", b'<?xml version="1.0" encoding="utf-16"?><xml>\xff</xml>'],
)
def test_xml_with_entities_or_broken_is_not_read(body: bytes) -> None:
    with pytest.raises(Unreadable):
        fields(body)


def test_xml_is_read_flat() -> None:
    assert fields(b"<xml><a>1<b>2</b>3</a><c><![CDATA[<&>]]></c><a>4</a></xml>") == {"a": "13", "c": "<&>"}


@given(
    st.dictionaries(
        st.from_regex(r"[A-Z][A-Za-z]{0,8}", fullmatch=True), st.text(st.characters(codec="utf-8", min_codepoint=32))
    )
)
def test_any_words_come_through_the_xml(values: dict[str, str]) -> None:
    """Whatever XML can hold; the end of a CDATA section is nothing special."""
    readable = {name: "".join(c for c in text if c not in "\ufffe\uffff") for name, text in values.items()}
    assert fields(wechat.xml(readable)) == readable
    assert fields(wechat.xml({"Content": "a]]>b"})) == {"Content": "a]]>b"}


def test_plain_mode_checks_the_address_only() -> None:
    settings = settings_of("wechat", encoding_aes_key="")
    request = msgspec.structs.replace(request_of("wechat", PLAIN), body=PLAIN)
    ADAPTER.verify(request, settings)
    assert ADAPTER.parse(request, settings).messages[0].text == "Hi"


def test_the_test_of_the_address_is_answered_where_it_is_signed() -> None:
    request = request_of("wechat", b"", method="GET", query="echostr=5678")
    answer = ADAPTER.handshake(request, settings_of("wechat"))
    assert answer is not None
    assert answer.body == "5678"
    assert ADAPTER.handshake(request_of("wechat", PLAIN), settings_of("wechat")) is None
    for signature in ("wrong", "missing"):
        wrong = request_of("wechat", b"", method="GET", query="echostr=5678", signature=signature)
        with pytest.raises(Refused):
            ADAPTER.handshake(wrong, settings_of("wechat"))


@pytest.mark.parametrize("key", ["short", "ü" * 43, "a" * 44])
def test_a_key_that_is_none(key: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        settings_of("wechat", encoding_aes_key=key)


# -- what goes out ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "files", "pieces"),
    [
        ("See", (PICTURE,), [("See", 0), ("", 1)]),
        ("See", (SHEET, PICTURE), [("See", 1), ("", 1)]),
        ("x" * 2049, (), [("x" * 2048, 0), ("x", 0)]),
        ("中" * 683, (), [("中" * 682, 0), ("中", 0)]),
        ("x" * 2040, (SHEET,), [("x" * 2040, 0), ("", 1)]),
        ("", (), []),
    ],
)
def test_pieces_are_few(text: str, files: tuple[Attachment, ...], pieces: list[tuple[str, int]]) -> None:
    cut = ADAPTER.pieces(Outbound(id="a", to=CUSTOMER, text=text, attachments=files), settings_of("wechat"))
    assert [(piece.text, len(piece.attachments)) for piece in cut] == pieces


async def opened(town: Town) -> WeChatFake:
    """The fake, to whose account the customer has written."""
    town.body = "success"
    fake = town.providers.of(WeChatFake)
    await fake.write(CUSTOMER, "Hi")
    return fake


async def test_the_token_comes_first_and_files_are_uploaded(town: Town) -> None:
    await opened(town)
    town.files = {PICTURE.url: Response(status=200, body=b"\x89PNG")}
    seen: list[Call] = []

    async def remember(call: Call) -> None:
        seen.append(call)

    message = Outbound(id="1.1", to=CUSTOMER, attachments=(PICTURE,))
    steps = ADAPTER.send(message, town.settings("wechat"))
    sent = await town.calls.perform(steps, fetch=town.teammates_file, before=remember)
    assert (sent.outcome, [call.harmless for call in seen]) == ("accepted", [True, True, False])
    gone = msgspec.structs.replace(PICTURE, url="https://gone.example.com/4.png")
    for values in ({"text": "你好"}, {"text": "See", "attachments": (SHEET,)}, {"text": "", "attachments": (gone,)}):
        assert (await town.send("wechat", **({"to": CUSTOMER} | values))).outcome == "accepted"
    first, *others = town.providers.phones.received(CUSTOMER)
    assert town.providers.shelf.get(first.media[0]) == ("image/png", b"\x89PNG")
    assert [delivery.text for delivery in others] == [
        "你好",
        "See\n3.csv\nhttps://files.example.com/3.csv",
        "1.png\nhttps://gone.example.com/4.png",
    ]


async def test_five_answers_and_then_none_until_the_customer_writes(town: Town) -> None:
    fake = await opened(town)
    outcomes = [(await town.send("wechat", to=CUSTOMER)).reason for _ in range(6)]
    assert outcomes == [""] * 5 + ["replies_used_up"]
    await fake.write(CUSTOMER, "Still there?")
    assert (await town.send("wechat", to=CUSTOMER)).outcome == "accepted"
    stranger = WeChatFake.customer(8)
    assert (await town.send("wechat", to=stranger)).reason == "window_closed"


async def test_a_token_that_died_is_fetched_anew_once(town: Town) -> None:
    fake = await opened(town)
    town.providers.faults.plan("wechat", Fault(code=40001, message="not latest"))
    before = fake.access_token
    assert (await town.send("wechat", to=CUSTOMER)).outcome == "accepted"
    assert (fake.access_token != before, fake.tokens_given) == (True, 2)
    town.providers.faults.plan("wechat", Fault(code=42001, message="expired"), times=2)
    sent = await town.send("wechat", to=CUSTOMER)
    assert (sent.outcome, sent.reason, sent.code) == ("retry", "auth_failed", "42001")


async def test_every_failure(town: Town) -> None:
    await opened(town)
    for name, fault in wechat.FAULTS.items():
        town.providers.faults.plan("wechat", fault)
        sent = await town.send("wechat", to=CUSTOMER)
        assert bool(town.providers.phones.received()) == (fault.how == "drop"), name
        if fault.how == "refuse":
            outcome = "retry" if fault.code in WAITS else "refused"
            assert (sent.outcome, sent.reason, sent.code) == (outcome, REASON_OF_CODE[fault.code], str(fault.code))
        else:
            assert (sent.outcome, sent.reason) == ("unknown", "no_answer"), name
    assert set(REASON_OF_CODE.values()) <= set(REASONS)
    assert TOKEN_DIED <= WAITS
    for changes, code in (({"to": "AMAZON"}, "40003"), ({"text": ""}, "44004"), ({"text": "x" * 2049}, "45002")):
        assert (await town.send("wechat", **({"to": CUSTOMER} | changes))).code == code


async def test_wrong_credentials_are_told_before_anything_is_sent(town: Town) -> None:
    await opened(town)
    right = town.settings("wechat")
    for changes, code in (({}, ""), ({"app_secret": "wrong"}, "40125"), ({"app_id": "wx2"}, "40013")):
        settings = msgspec.structs.replace(right, **changes)
        probe = ADAPTER.probe(settings)
        assert probe is not None
        assert ADAPTER.probed(await town.calls.send(probe), settings).partition(" ")[0] == code
        sent = await town.calls.perform(ADAPTER.send(Outbound(id="1", to=CUSTOMER, text="Hi"), settings))
        assert (sent.reason, sent.code) == ("auth_failed" if code else "", code)


def test_no_answer_to_the_token_is_no_doubt_about_the_message() -> None:
    steps = ADAPTER.send(Outbound(id="1", to=CUSTOMER, text="Hi"), settings_of("wechat"))
    next(steps)
    with pytest.raises(StopIteration) as done:
        steps.send(Response(status=0))
    assert done.value.value.outcome == "retry"


# -- customers --------------------------------------------------------------------------------------------------------


async def test_files_of_customers_and_their_language(town: Town) -> None:
    town.body = "success"
    fake, settings = town.providers.of(WeChatFake), town.settings("wechat")
    files = [("image/jpeg", b"\xff\xd8"), ("audio/amr", b"#!AMR"), ("video/mp4", b"a video")]
    await fake.write(CUSTOMER, "", files)
    messages = [message for message in town.believed("wechat") if isinstance(message, Inbound)]
    row = ChannelRow(
        workspace_id="w", channel_id=1, provider="wechat", name="WeChat", key="k", account="", address="", settings={}
    )
    media = Media(limit=1000, allowed=frozenset({"127.0.0.1"}))
    connected = Connected(row=row, adapter=ADAPTER, settings=settings)
    fetched = [await media.fetch(connected, message.attachments[0], 1) for message in messages]
    await media.close()
    assert [(file.content_type, file.content) for file in fetched] == files
    with pytest.raises(ProviderTrouble, match="40007"):
        ADAPTER.media_next(Response(status=200, body=b'{"errcode":40007,"errmsg":"x"}'), Attachment(), settings)
    trap = Response(status=200, headers={"content-type": "image/jpeg"}, body=b'{"video_url":"https://x.qq.com"}')
    assert ADAPTER.media_next(trap, Attachment(), settings) is None
    profile = await town.calls.perform(ADAPTER.look_up(messages[0], settings))
    assert profile == Profile(name=f"WeChat …{CUSTOMER[-6:]}", language="zh")


def test_videos_are_fetched_by_https_from_wechat() -> None:
    answer = Response(status=200, body=b'{"video_url":"http://mp.weixin.qq.com/v?x=1"}')
    call = ADAPTER.media_next(answer, Attachment(ref="m"), settings_of("wechat"))
    assert call is not None
    assert call.url == "https://mp.weixin.qq.com/v?x=1"


async def test_followers_come_and_go_and_webhooks_are_repeated(town: Town) -> None:
    fake, settings = town.providers.of(WeChatFake), town.settings("wechat")
    town.body = "success"
    await fake.leave(CUSTOMER)
    await fake.follow(CUSTOMER)
    parsed = [ADAPTER.parse(request, settings) for request in town.requests]
    assert [consent.state for found in parsed for consent in found.consents] == ["out", "in"]
    town.requests.clear()
    town.body = "OK"  # neither success nor empty
    await fake.write(CUSTOMER, "is it")
    assert len(town.requests) == wechat.TRIES
    assert len({message.provider_id for message in town.believed("wechat") if isinstance(message, Inbound)}) == 1
    seen = first_of(query(town.requests[0].url))
    assert seen["encrypt_type"] == "aes"
    assert b"is it" not in town.requests[0].body
    test: dict[str, Any] = {"method": "GET", "url": f"{town.url}/in?{fake.address_test('1234')}"}
    answer = ADAPTER.handshake(msgspec.structs.replace(town.requests[0], **test), settings)
    assert answer is not None
    assert answer.body == "1234"

"""Messages to which their provider gives no id: two are two, and one that comes again is one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest

from leadline.channels import channel

from .wire import request_of, settings_of


def africastalking(text: str, moment: str, number: str) -> bytes:
    fields = {"from": "+254711000001", "to": "20880", "text": text, "date": moment, "id": number}
    return urlencode(fields).encode()


def gateway(text: str, moment: str, number: str) -> bytes:
    return msgspec.json.encode({"from": "+353861234567", "text": text, "received": moment})


def wechat(text: str, moment: str, number: str) -> bytes:
    fields = {"ToUserName": "gh_1", "FromUserName": "oAnn", "CreateTime": moment, "MsgType": "text", "Content": text}
    return f"<xml>{''.join(f'<{name}><![CDATA[{value}]]></{name}>' for name, value in fields.items())}</xml>".encode()


def pressed(text: str, moment: str, number: str) -> bytes:
    event = {"sender": {"id": "77"}, "timestamp": int(moment) * 1000, "postback": {"title": text, "payload": "x"}}
    return msgspec.json.encode({"object": "page", "entry": [{"id": "123", "messaging": [event]}]})


GATEWAY = {"in_list": "", "in_from": "from", "in_text": "text", "in_time": "received"}
Body = Callable[[str, str, str], bytes]
BODIES: dict[str, tuple[Body, tuple[str, str], dict[str, Any]]] = {
    "africastalking": (africastalking, ("2026-11-28 09:00:01", "2026-11-28 09:00:02"), {}),
    "sms_gateway": (gateway, ("1763961600", "1763961601"), GATEWAY),
    "wechat": (wechat, ("1763961600", "1763961601"), {}),
    "messenger": (pressed, ("1763961600", "1763961601"), {}),
}


def number_of(key: str, body: bytes, changes: dict[str, Any]) -> str:
    (message,) = channel(key).parse(request_of(key, body), settings_of(key, **changes)).messages
    return message.provider_id


@pytest.mark.parametrize("key", BODIES)
def test_equal_words_a_second_later_are_another_message(key: str) -> None:
    body, (first, second), changes = BODIES[key]
    numbers = {number_of(key, body("Yes", moment, number), changes) for moment, number in ((first, "1"), (second, "2"))}
    assert len(numbers) == 2


@pytest.mark.parametrize("key", ["africastalking", "sms_gateway", "wechat"])
def test_other_words_in_the_same_second_are_another_message(key: str) -> None:
    body, (moment, _), changes = BODIES[key]
    assert number_of(key, body("Yes", moment, "1"), changes) != number_of(key, body("No", moment, "2"), changes)


@pytest.mark.parametrize("key", BODIES)
def test_what_comes_again_is_the_same_message(key: str) -> None:
    body, (moment, _), changes = BODIES[key]
    assert len({number_of(key, body("Yes", moment, "1"), changes) for _ in range(2)}) == 1


def test_a_gateway_that_tells_neither_id_nor_time_leaves_the_message_to_a_person() -> None:
    body = msgspec.json.encode({"from": "+353861234567", "text": "Yes"})
    parsed = channel("sms_gateway").parse(request_of("sms_gateway", body), settings_of("sms_gateway", **GATEWAY))
    assert (len(parsed.messages), len(parsed.unread)) == (0, 1)

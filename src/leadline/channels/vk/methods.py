"""Calls of VK's API and what they return. The adapter and `sending.py` use them."""

from __future__ import annotations

from typing import Any

import msgspec

from leadline.channels.exchange import Call, Response
from leadline.channels.http import form_call, tried
from leadline.channels.vk.settings import VKSettings


class Trouble(msgspec.Struct):
    error_code: int = 0
    error_msg: str = ""


class Reply(msgspec.Struct):
    response: msgspec.Raw = msgspec.Raw(b"null")
    error: Trouble | None = None


def method_call(method: str, settings: VKSettings, **fields: str) -> Call:
    """A call of the API, harmless unless told otherwise; VK wants the token among the fields."""
    credentials = {"access_token": settings.access_token, "v": settings.api_version}
    call = form_call(f"{settings.api_url.rstrip('/')}/method/{method}", (fields | credentials).items())
    return msgspec.structs.replace(call, harmless=True)


def result(type_: Any, response: Response) -> Any:
    """What a method returned, or None."""
    reply = answered(Reply, response.body) if response.status == 200 else None
    return answered(type_, bytes(reply.response)) if reply else None


def answered(type_: Any, body: bytes) -> Any:
    return tried(msgspec.json.Decoder(type_), body)

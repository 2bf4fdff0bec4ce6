"""The tests, payload files and page of a new channel; its source is `skeleton.py`. `channel_new.py` writes them."""

from __future__ import annotations

SIGN = '''"""Signs payload files by plain hmac; better by the provider's own SDK, where there is one."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any


def sign(method: str, url: str, body: bytes, settings: Mapping[str, Any]) -> dict[str, str]:
    given = hmac.new(settings["signing_secret"].encode(), body, hashlib.sha256).hexdigest()
    return {"content-type": "application/json", "x-signature": given}
'''

ADAPTER_TEST = '''"""NAME: what it sends and how it understands the answers."""

from __future__ import annotations

import msgspec
import pytest

from leadline.channels import channel
from leadline.channels.exchange import Response
from leadline.model import Outbound

from ..wire import settings_of

MESSAGE = Outbound(id="0194a.1", to="+353861234567", text="Hi")


def test_request() -> None:
    call = channel("KEY").build(MESSAGE, settings_of("KEY"))
    value = {"to": "+353861234567", "from": "+447700900000", "text": "Hi", "reference": "0194a.1"}
    assert msgspec.json.decode(call.body) == value


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (201, b'{"id": "m-1"}', "accepted"),
        (401, b"", "retry"),
        (429, b"", "retry"),
        (400, b"", "refused"),
        (502, b"", "unknown"),
        (0, b"", "unknown"),
    ],
)
def test_answers(status: int, body: bytes, outcome: str) -> None:
    assert channel("KEY").read(Response(status=status, body=body), settings_of("KEY")).outcome == outcome
'''

TESTS: dict[str, str] = {"__init__.py": "", "test_adapter.py": ADAPTER_TEST}

PAYLOADS: dict[str, str] = {
    "__init__.py": "",
    "sign.py": SIGN,
    "settings.json": '{"number": "+447700900000", "token": "made-up-token", "signing_secret": "made-up-secret"}\n',
    "text.request.json": '{"id": "m-0001", "sender": "+353861234567", "text": "Hello"}',
    "text.expected.json": """{
  "covers": ["text"],
  "messages": [
    {"provider_id": "m-0001", "sender": "+353861234567", "handles": ["tel:+353861234567"], "text": "Hello"}
  ]
}
""",
    "sender_is_no_phone.request.json": '{"id": "m-0002", "sender": "AMAZON", "text": "Your parcel"}',
    "sender_is_no_phone.expected.json": """{
  "messages": [{"provider_id": "m-0002", "sender": "AMAZON", "handles": ["sender:AMAZON"], "text": "Your parcel"}]
}
""",
    "status_delivered.request.json": '{"id": "m-0003", "status": "delivered", "reference": "0194a.1"}',
    "status_delivered.expected.json": '{"statuses": [{"state": "delivered", "outbound_id": "0194a.1"}]}\n',
    "status_failed.request.json": '{"id": "m-0003", "status": "failed", "reference": "0194a.1", "error": "27"}',
    "status_failed.expected.json": """{
  "statuses": [{"state": "failed", "outbound_id": "0194a.1", "reason": "unreachable", "code": "27"}]
}
""",
    "wrong_signature.request.json": '{"id": "m-0004", "sender": "+353861234567", "text": "Hello"}',
    "wrong_signature.expected.json": '{"request": {"signature": "wrong"}, "refused": "does not fit"}\n',
    "missing_signature.request.json": '{"id": "m-0004", "sender": "+353861234567", "text": "Hello"}',
    "missing_signature.expected.json": '{"request": {"signature": "missing"}, "refused": "does not fit"}\n',
    "no_id.request.json": '{"sender": "+353861234567", "text": "Hello"}',
    "no_id.expected.json": '{"unreadable": "id is missing"}\n',
}

PAGE = """# NAME (`KEY`)

Text messages through one number at NAME. Code: `src/leadline/channels/KEY/`.
Facts below: say which pages, and when.

<!-- abilities: begin -->

<!-- abilities: end -->

## You need

An account at NAME with a number, its API token, and the secret that signs webhooks.

## Connect

    leadline channel add KEY

| setting | secret | meaning |
| --- | --- | --- |
| `number` | | Your number in international form |
| `token` | yes | API token |
| `signing_secret` | yes | Secret that signs the webhooks |
| `api_url` | | Only for tests: another address of the API |

`channel add` prints the address to enter at NAME.

## Who the sender is

A phone where it is written internationally. Anything else is a sender without a phone, and gets a lead of its own.

## What comes in

Text.

<!-- noise: begin -->

<!-- noise: end -->

## What goes out

Text of up to 1,000 characters a message; longer replies are cut between paragraphs, lines or words. Files go as links.

## Delivery

| NAME says | Leadline shows |
| --- | --- |
| sent | sent |
| delivered | delivered |
| failed | failed, `unreachable` |

## Limits and quirks

None known.

## When it does not work

- **403, does not fit.** `signing_secret` is not the one of this account.
"""

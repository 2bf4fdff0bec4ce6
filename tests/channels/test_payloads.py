"""Every payload file of every channel: verified, parsed, compared with what is written beside it.

`<channel>/<case>.request.(form|json)` is the body; `<case>.expected.json` holds what comes of it, and under `request`
what is special about the request (method, query, headers, a wrong or missing signature).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from leadline.channels import CHANNELS, channel
from leadline.channels.base import Parsed, Request
from leadline.errors import Refused, Unreadable
from leadline.model import Handle, Inbound

from .wire import FOLDER, request_of, settings_of

CASES = sorted(FOLDER.glob("*/*.request.*"))


def _expected(case: Path) -> dict[str, Any]:
    name = case.name.partition(".")[0]
    return dict(json.loads((case.parent / f"{name}.expected.json").read_text("utf-8")))


def _request(case: Path, expected: dict[str, Any]) -> Request:
    special = expected.pop("request", {})
    headers = special.pop("headers", {})
    request = request_of(case.parent.name, case.read_bytes(), **special)
    return msgspec.structs.replace(request, headers={**request.headers, **headers})


def _parsed(expected: dict[str, Any]) -> Parsed:
    """The expected file as values; its handles are written as text."""
    for item in (*expected.get("messages", ()), *expected.get("consents", ())):
        for name in {"handles", "attested", "former"} & item.keys():
            item[name] = [msgspec.to_builtins(Handle.parse(handle)) for handle in item[name]]
    return msgspec.convert(expected, Parsed)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.name.partition('.')[0]}")
def test_payload(case: Path) -> None:
    expected = _expected(case)
    adapter, settings, request = channel(case.parent.name), settings_of(case.parent.name), _request(case, expected)
    if "refused" in expected:
        with pytest.raises(Refused, match=expected["refused"]):
            adapter.verify(request, settings)
        return
    adapter.verify(request, settings)
    if "unreadable" in expected:
        with pytest.raises(Unreadable, match=expected["unreadable"]):
            adapter.parse(request, settings)
        return
    assert adapter.parse(request, settings) == _parsed(expected)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.name.partition('.')[0]}")
def test_what_is_parsed_survives_the_store(case: Path) -> None:
    """Messages are kept as JSON between the door and the lane."""
    expected = _expected(case)
    adapter, settings, request = channel(case.parent.name), settings_of(case.parent.name), _request(case, expected)
    if "unreadable" in expected:
        with pytest.raises(Unreadable):
            adapter.parse(request, settings)
        return
    for message in adapter.parse(request, settings).messages:
        assert msgspec.json.decode(msgspec.json.encode(message), type=Inbound) == message


def test_every_file_has_its_partner() -> None:
    requests = {(case.parent.name, case.name.partition(".")[0]) for case in CASES}
    expected = {
        (path.parent.name, path.name.removesuffix(".expected.json")) for path in FOLDER.glob("*/*.expected.json")
    }
    assert requests == expected


def test_every_channel_has_payloads() -> None:
    assert {case.parent.name for case in CASES} == set(CHANNELS)

"""Every payload file of every channel: verified, parsed, compared with what is written beside it.

`<provider>/<channel>/<case>.request.(form|json)` is the body; `<case>.expected.json` holds what comes of it, and under
`request` what is special about the request (method, query, headers, a wrong or missing signature).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from leadline.channels import CHANNELS, PLACES, channel
from leadline.channels.exchange import Parsed, Request
from leadline.errors import Refused, Unreadable
from leadline.model import Handle, Inbound

from .wire import cases, folder_of, request_of, settings_of

CASES = cases()
IDS = [f"{key}-{case.name.partition('.')[0]}" for key, case in CASES]


@pytest.mark.parametrize("key", CHANNELS)
def test_a_channel_is_listed_by_its_key_and_with_the_scheme_of_its_addresses(key: str) -> None:
    assert (CHANNELS[key].key, CHANNELS[key].scheme) == (key, PLACES[key][0])


def _expected(case: Path) -> dict[str, Any]:
    name = case.name.partition(".")[0]
    return dict(json.loads((case.parent / f"{name}.expected.json").read_text("utf-8")))


def _request(key: str, case: Path, expected: dict[str, Any]) -> Request:
    special = expected.pop("request", {})
    headers = special.pop("headers", {})
    request = request_of(key, case.read_bytes(), **special)
    return msgspec.structs.replace(request, headers={**request.headers, **headers})


def _parsed(expected: dict[str, Any]) -> Parsed:
    """The expected file as values; its handles are written as text, and `covers` is for the table of contents."""
    expected.pop("covers", None)
    for item in (item for kind in ("messages", "consents", "moves") for item in expected.get(kind, ())):
        for name in {"handles", "attested", "former"} & item.keys():
            item[name] = [msgspec.to_builtins(Handle.parse(handle)) for handle in item[name]]
    return msgspec.convert(expected, Parsed)


@pytest.mark.parametrize(("key", "case"), CASES, ids=IDS)
def test_payload(key: str, case: Path) -> None:
    expected = _expected(case)
    adapter, settings, request = channel(key), settings_of(key), _request(key, case, expected)
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


def _read(key: str) -> Iterator[tuple[Path, Inbound]]:
    """Every message in the payloads of a channel that are good, and which file it comes from."""
    adapter, settings = channel(key), settings_of(key)
    for case in (case for of, case in CASES if of == key):
        expected = _expected(case)
        request = _request(key, case, expected)
        if not {"refused", "unreadable"} & expected.keys():
            yield from ((case, message) for message in adapter.parse(request, settings).messages)


@pytest.mark.parametrize("key", CHANNELS)
def test_what_is_parsed_survives_the_store(key: str) -> None:
    """Messages are kept as JSON between the door and the lane."""
    for case, message in _read(key):
        assert msgspec.json.decode(msgspec.json.encode(message), type=Inbound) == message, case.name


@pytest.mark.parametrize("key", CHANNELS)
def test_every_channel_has_payloads_and_every_file_its_partner(key: str) -> None:
    folder = folder_of(key)
    expected = {path.name.removesuffix(".expected.json") for path in folder.glob("*.expected.json")}
    assert expected == {path.name.partition(".")[0] for path in folder.glob("*.request.*")}
    assert expected


@pytest.mark.parametrize("key", [key for key, adapter in CHANNELS.items() if not adapter.phone_based])
def test_customers_are_known_as_the_channel_says(key: str) -> None:
    """An import makes handles of ids alone: their scope and their looks are those that `parse` gives."""
    adapter = channel(key)
    scope = adapter.scope(settings_of(key))
    for case, message in _read(key):
        if message.account not in ("", adapter.account(settings_of(key))):
            continue  # another channel's
        [handle] = [each for each in message.handles if each.scheme == adapter.scheme][:1]
        assert scope in ("", handle.scope), case.name
        assert re.fullmatch(adapter.customer_ids, handle.value), case.name

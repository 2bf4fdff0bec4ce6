"""One place of a payload changed: it is read, parked or refused as declared, and a customer's message is never dropped.

`make test` tries a sample of all places, the same each time; `make check` tries every one.
"""

from __future__ import annotations

import json
import random
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest

from leadline.channels import CHANNELS
from leadline.channels.exchange import Parsed, Request
from leadline.errors import Refused, Unreadable
from leadline.model import Consent, Inbound, Move

from .mutations import OTHERS, Mutation, mutations
from .wire import ADDRESS, NOW, cases, raw_settings, sealed, settings_of, signer_of

KEYS = list(CHANNELS)
SAMPLE = 80  # changes of each channel
MAY_BECOME = {
    "telegram": frozenset({"own", "echo"}),  # the sender is the bot itself, or nobody
    "messagebird_whatsapp": frozenset({"conversation"}),  # there is no message in it
    "slack": frozenset({"untouched", "elsewhere", "own"}),  # the same; a reaction to no message; Slackbot's word
    "whatsapp_cloud": frozenset({"call"}),  # a call that has not ended
    "whatsapp_360dialog": frozenset({"call"}),
}
"""What a customer's message may turn into when one place of it is changed: nobody wrote it then, or it is empty."""


def changed(key: str) -> list[tuple[Path, Mutation]]:
    """Every change of every payload of a channel that is a webhook at all."""
    found = []
    for _, path in (case for case in cases() if case[0] == key):
        case = expected(path)
        if not {"refused", "unreadable"} & case.keys():
            query = str(case.get("request", {}).get("query", ""))
            found += [(path, mutation) for mutation in mutations(path.read_bytes(), query)]
    return found


def expected(path: Path) -> dict[str, Any]:
    name = path.name.partition(".")[0]
    return dict(json.loads((path.parent / f"{name}.expected.json").read_text("utf-8")))


def parsed(key: str, path: Path, mutation: Mutation) -> Parsed | None:
    """What the adapter makes of it; None where it says that it cannot read it. Nothing else may come out."""
    adapter, settings, raw = CHANNELS[key], settings_of(key), raw_settings(key)
    special = expected(path).get("request", {})
    method, url = special.get("method", "POST"), f"{ADDRESS}?{mutation.query}" if mutation.query else ADDRESS
    url, body = sealed(key, method, url, mutation.body, raw)
    content_type = signer_of(key)("POST", ADDRESS, b"", raw).get("content-type", "")
    headers = {"content-type": content_type, **special.get("headers", {})}
    request = Request(method=method, url=url, headers=headers, body=body, now=NOW)
    with suppress(Refused, Unreadable):
        adapter.verify(request, settings)
    try:
        return adapter.parse(request, settings)
    except Unreadable:
        return None


def trouble(key: str, path: Path, mutation: Mutation) -> str:
    """What is wrong with what the adapter makes of it; empty where nothing is."""
    result = parsed(key, path, mutation)
    if result is None:
        return ""
    if msgspec.json.decode(msgspec.json.encode(result), type=Parsed) != result:
        return "does not survive the store"
    if result == Parsed() and expected(path):
        return "nothing comes of it, and nobody is told"
    if not set(result.noise) <= set(CHANNELS[key].noise):
        return f"undeclared noise {result.noise}"
    only_noise = Parsed(noise=result.noise) == result
    if only_noise and expected(path).get("messages") and not set(result.noise) <= MAY_BECOME.get(key, frozenset()):
        return f"a message became noise {result.noise}"
    told: tuple[Inbound | Consent | Move, ...] = (*result.messages, *result.consents, *result.moves, *result.echoes)
    if not all(each.provider_id and all(str(handle) for handle in each.handles) and each.handles for each in told):
        return "a message without an id or a sender"
    return ""


def found(key: str, tried: list[tuple[Path, Mutation]]) -> list[str]:
    troubles = ((path, mutation, trouble(key, path, mutation)) for path, mutation in tried)
    return [f"{path.name} {change.place} {change.value}: {what}" for path, change, what in troubles if what]


@pytest.mark.parametrize("key", KEYS)
def test_a_sample_of_changed_places_is_read_or_declared_unreadable(key: str) -> None:
    every = changed(key)
    assert {mutation.value for _, mutation in every} >= set(OTHERS)
    assert found(key, random.Random(key).sample(every, min(SAMPLE, len(every)))) == []


@pytest.mark.long
@pytest.mark.parametrize("key", KEYS)
def test_every_changed_place_is_read_or_declared_unreadable(key: str) -> None:
    assert found(key, changed(key)) == []

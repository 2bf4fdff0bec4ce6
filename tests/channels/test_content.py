"""The table of contents: each kind that a channel claims to show is there in a payload, and what it holds is shown."""

from __future__ import annotations

import json
from typing import Any

import pytest

from leadline.channels import CHANNELS

from .content import KINDS, shown
from .wire import folder_of

SHOWING = ("text", "attachments", "change", "product")
FIELDS = {"quote": "quote", "product": "product", "ad": "ad", "edit": "change", "withdrawal": "change"}


def covering(key: str) -> dict[str, dict[str, Any]]:
    """What is expected of the payloads of a channel that cover something, by their names."""
    read = {path.name: json.loads(path.read_text("utf-8")) for path in folder_of(key).glob("*.expected.json")}
    return {name: case for name, case in read.items() if "covers" in case}


@pytest.mark.parametrize("key", CHANNELS)
def test_what_a_payload_covers_is_shown(key: str) -> None:
    assert covering(key)
    for name, case in covering(key).items():
        assert set(case["covers"]) <= set(KINDS), name
        assert case["messages"], name
        for message in case["messages"]:
            assert {field for field in SHOWING if message.get(field)}, name
            for kind in set(case["covers"]) & set(FIELDS):
                assert message.get(FIELDS[kind]), f"{name}: {kind} is told by its own field"


@pytest.mark.parametrize("key", CHANNELS)
def test_no_kind_is_both_shown_and_withheld(key: str) -> None:
    withheld = CHANNELS[key].capabilities.withheld
    assert set(withheld) <= set(KINDS)
    assert not shown(key) & set(withheld)
    assert "text" in shown(key)

"""The table of contents: each kind that a channel claims to show is there in a payload, and what it holds is shown."""

from __future__ import annotations

import json
from typing import Any

import pytest

from leadline.channels import CHANNELS

from .content import KINDS, shown
from .wire import cases, folder_of

FIELDS = {"quote": "quote", "product": "product", "ad": "ad", "edit": "change", "withdrawal": "change"}
COVERED = [
    (key, path.name.partition(".")[0])
    for key, path in cases()
    if "covers" in (folder_of(key) / f"{path.name.partition('.')[0]}.expected.json").read_text("utf-8")
]


def expected(key: str, name: str) -> dict[str, Any]:
    return dict(json.loads((folder_of(key) / f"{name}.expected.json").read_text("utf-8")))


@pytest.mark.parametrize(("key", "name"), COVERED)
def test_what_a_payload_covers_is_shown(key: str, name: str) -> None:
    case = expected(key, name)
    assert set(case["covers"]) <= set(KINDS)
    assert case["messages"]
    for message in case["messages"]:
        assert message.get("text") or message.get("attachments") or message.get("change") or message.get("product")
        for kind in set(case["covers"]) & set(FIELDS):
            assert message.get(FIELDS[kind]), f"{kind} is told by its own field"


@pytest.mark.parametrize("key", CHANNELS)
def test_no_kind_is_both_shown_and_withheld(key: str) -> None:
    withheld = CHANNELS[key].capabilities.withheld
    assert set(withheld) <= set(KINDS)
    assert not shown(key) & set(withheld)
    assert "text" in shown(key)

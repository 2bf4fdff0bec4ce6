"""What an act is, in words."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from typing import get_args

from leadline.identity.acts import ACTS, about, act, details
from leadline.merging.records import STATES
from leadline.people.corrections import Kind

SOURCE = Path(str(files("leadline")))
NOTED = re.compile(r"""(?:note(?:_for_all)?\(|act=|\bact\b)[^"\n]*"([a-z]+\.[a-z]+)\"""")
IN_SQL = re.compile(r"'([a-z]+\.[a-z]+)'")


def noted() -> set[str]:
    """Every act that the source and the triggers name."""
    found = {act for path in SOURCE.rglob("*.py") for act in NOTED.findall(path.read_text("utf-8"))}
    triggers = [path.read_text("utf-8") for path in (SOURCE / "store/migrations").glob("*.sql")]
    found |= {act for text in triggers if "note_act" in text for act in IN_SQL.findall(text)}
    found |= {f"merge.{state}" for state in STATES} | {f"link.{kind}" for kind in get_args(Kind)}
    return {act for act in found if not act.startswith("leadline.")}


def test_every_act_has_words() -> None:
    assert {"channel.removed", "person.exported", "backup.made"} <= noted()
    assert noted() - set(ACTS) == set()


def test_a_new_act_is_readable() -> None:
    assert act("channel.removed") == ACTS["channel.removed"]
    assert act("moon.land_on") == "moon: land on"
    assert details(None) == []
    detail = {"after": {"role": "admin"}, "number": 7, "before": None, "names": ["a", "b"]}
    assert details(detail) == [("number", "7"), ("names", "a, b"), ("before", "none"), ("after", "role admin")]


def test_addresses_and_codes_are_told_as_people_read_them() -> None:
    assert about("tel:+353869984708") == "+353 86 998 4708"
    assert about("telegram:7/77") == "Telegram 77"
    assert [about(text) for text in ("conversation:12", "Bo: the new one", "7", None)] == [
        "conversation:12",
        "Bo: the new one",
        "7",
        "",
    ]
    parked = {"number": 7, "reason": "unknown_channel", "template": "order_update"}
    assert details(parked) == [("number", "7"), ("reason", "unknown channel"), ("template", "order_update")]

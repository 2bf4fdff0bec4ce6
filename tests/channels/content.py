"""What each channel shows, as the tables of the docs: derived from the payload files, so that each cell is proved.

A payload's expected file names in `covers` the kinds of content it proves.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import msgspec

from leadline.channels import CHANNELS
from leadline.model import Mark, Outbound

from .wire import folder_of, settings_of

KINDS = {
    "text": "Text",
    "picture": "Pictures",
    "voice": "Voice messages",
    "video": "Videos",
    "file": "Documents",
    "sticker": "Stickers",
    "location": "Locations",
    "contact": "Contact cards",
    "link": "Links behind words, shared pages",
    "quote": "Quotes: what is answered",
    "forwarded": "Forwarded messages",
    "edit": "Edits",
    "withdrawal": "Withdrawals",
    "reaction": "Reactions",
    "button": "Pressed buttons, list choices",
    "form": "Filled-in forms, picked dates",
    "app": "Data of Mini Apps",
    "product": "Questions about a product",
    "order": "Orders, payments",
    "ad": "The advertisement that led here",
    "poll": "Polls",
    "checklist": "Checklists",
    "call": "Calls",
    "group": "Group chats",
    "comment": "Public comments",
    "unknown": "Kinds nobody knows yet",
}
BOLD = Outbound(id="0194a.1", to="353861234567", text="Sale ends today", marks=(Mark(0, 4, "bold"),))


@cache
def shown(key: str) -> frozenset[str]:
    """The kinds of content that a payload of this channel proves."""
    expected = [json.loads(path.read_text("utf-8")) for path in folder_of(key).glob("*.expected.json")]
    return frozenset(kind for case in expected for kind in case.get("covers", ()))


def stands_out(key: str) -> bool:
    """Whether a bold word goes out as one."""
    adapter, settings = CHANNELS[key], settings_of(key)
    plain = msgspec.structs.replace(BOLD, marks=())
    return adapter.build(BOLD, settings).body != adapter.build(plain, settings).body


QUOTED = {
    **dict.fromkeys(("whatsapp_cloud", "whatsapp_360dialog"), ("wamid.1", "", "353861234567")),
    "vonage_whatsapp": ("aaaa-1", "", "353861234567"),
    "bird": ("wam_1", "", "+353861234567"),
    "telegram": ("77/5", "", "77"),
    **dict.fromkeys(("messenger", "instagram"), ("m_1", "", "77")),
    "vk": ("5", "", "77"),
    "line": ("5", "token", "U77"),
    "slack": ("D77:1763961500.000200", "", "D77"),
    "http": ("m-5", "", "u-77"),
}
"""An earlier message (its id and `quote_ref`) and the chat it stands in, for each channel that can quote one."""


def quotes(key: str) -> bool:
    """Whether a teammate's quote goes out as one."""
    earlier = QUOTED.get(key, ("m-5", "token", "353861234567"))
    return bool(CHANNELS[key].quotable(*earlier, settings_of(key)))


def content_table() -> str:
    """Kinds of content by channel: yes, the number of a reason why not, or a dash where the provider has none."""
    keys, reasons = sorted(CHANNELS), _reasons()
    head = ["", *(f"[{key}](../channels/{key}.md)" for key in keys)]
    rows = [[title, *(_cell(key, kind, reasons) for key in keys)] for kind, title in KINDS.items()]
    rows.append(["**Out:** bold, italic", *("yes" if stands_out(key) else "–" for key in keys)])
    rows.append(["**Out:** choices", *(_choices(key) for key in keys)])
    rows.append(["**Out:** quotes", *("yes" if quotes(key) else "as lines" for key in keys)])
    lines = [_line(head), _line(["---"] * len(head)), *map(_line, rows), ""]
    return "\n".join([*lines, *(f"{number}. {why}" for why, number in reasons.items())])


def noise_table(key: str) -> str:
    """What a channel leaves alone, with the code that stands in the log."""
    noise = CHANNELS[key].noise
    if not noise:
        return "Nothing is left alone: everything that comes in is shown, or kept for a person to look at."
    return "\n".join(
        ["| left alone | in the log |", "| --- | --- |", *(f"| {noise[code]} | `{code}` |" for code in noise)]
    )


def _reasons() -> dict[str, int]:
    all_of_them = (why for key in sorted(CHANNELS) for why in CHANNELS[key].capabilities.withheld.values())
    return {why: number for number, why in enumerate(dict.fromkeys(all_of_them), 1)}


def _cell(key: str, kind: str, reasons: dict[str, int]) -> str:
    if kind in shown(key):
        return "yes"
    why = CHANNELS[key].capabilities.withheld.get(kind)
    return f"no ({reasons[why]})" if why else "–"


def _choices(key: str) -> str:
    return f"{CHANNELS[key].capabilities.choices} buttons" if CHANNELS[key].capabilities.choices else "numbered"


def _line(cells: list[Any]) -> str:
    return f"| {' | '.join(map(str, cells))} |"

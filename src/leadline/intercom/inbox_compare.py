"""The fields of a merge in the panel: what is lost first, each with what stays, and none hidden. Pure.

`inbox_merge.py` puts the first of them into the preview; the rest opens page by page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, Literal

from leadline.intercom.canvas import Button, Canvas, Component, Item, ItemList, Submit, Text
from leadline.intercom.inbox_app import clip
from leadline.intercom.inbox_views import Compared, Merging

FIRST = 15
PAGE = 60
TITLES = {
    "discarded": "Lost",
    "replaced": "Taken from the {role}, as you chose",
    "merged": "Both are kept",
    "adopted": "Taken over from the {role}",
    "kept": "Kept",
    "same": "The same on both",
}


def compared(fields: Sequence[Compared], start: int = 0, most: int = FIRST, *, role: str = "lead") -> list[Component]:
    """So many fields from `start` on, under what becomes of them; then a way to the others. role: the leaving one's."""
    parts: list[Component] = []
    for outcome, rows in groupby(enumerate(fields[start : start + most], start), lambda row: row[1].outcome):
        count = sum(1 for field in fields if field.outcome == outcome)
        style: Literal["error", "header"] = "error" if outcome == "discarded" else "header"
        title = f"{TITLES[outcome].format(role=role)} ({count})"
        parts.append(Text(text=title, style=style, bottom_margin="none"))
        parts.append(ItemList(items=tuple(_item(number, row, role) for number, row in rows)))
    rest = len(fields) - start - most
    if rest > 0:
        label = "And 1 more field" if rest == 1 else f"And {rest} more fields"
        parts.append(Button(id=f"more:{start + most}", label=label, action=Submit(), style="link"))
    return parts


def page(view: Merging, stored: Mapping[str, Any], start: int) -> Canvas:
    """The fields that the preview had no room for."""
    title = f"Fields {start + 1} to {min(start + PAGE, len(view.fields))} of {len(view.fields)}"
    back = Button(id=f"way:{view.way}", label="Back to the preview", action=Submit(), style="secondary")
    parts = (Text(text=title, style="header"), *compared(view.fields, start, PAGE, role=view.source.role), back)
    return Canvas(parts, dict(stored) | {"screen": "fields"})


def _item(number: int, row: Compared, role: str) -> Item:
    hint = {"discarded": f"Press to keep the {role}'s value instead", "replaced": "Press to leave it as it is"}
    takeable = row.takeable and row.outcome in hint
    return Item(
        id=f"take:{row.key}" if takeable else f"field:{number}",
        title=clip(row.field, 60, "Field"),
        subtitle=clip(_sentence(row), 200),
        tertiary_text=hint[row.outcome] if takeable else "",
        action=Submit() if takeable else None,
    )


def _sentence(row: Compared) -> str:
    source, target = clip(row.source, 80), clip(row.target, 80)
    return {
        "discarded": f"{target} stays, {source} is lost" if target else f"{source} is lost",
        "replaced": f"{source} replaces {target}",
        "adopted": source if not target else f"{source} instead of {target}",
        "kept": target,
        "merged": clip(row.kept, 160),
        "same": target,
    }[row.outcome]

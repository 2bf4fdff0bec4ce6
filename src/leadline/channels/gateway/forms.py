"""How a gateway's requests are described in settings: places in a body, templates with placeholders, tables of words.

Pure. `settings.py` checks the descriptions when a channel is added, `adapter.py` applies them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import msgspec

from leadline.channels.http import decoded
from leadline.errors import Unreadable

PLACEHOLDER = re.compile(r"\{(\w+)\}")
_ANY = msgspec.json.Decoder()


def value_at(value: Any, path: str) -> Any:
    """What stands at `a.b.0.c`: names of fields, numbers of items; None where nothing does. A field may have dots."""
    if not path:
        return value
    if isinstance(value, Mapping) and path in value:
        return value[path]
    head, _, rest = path.partition(".")
    if isinstance(value, Mapping):
        return value_at(value[head], rest) if head in value else None
    if isinstance(value, list) and head.isdecimal() and int(head) < len(value):
        return value_at(value[int(head)], rest)
    return None


def text_at(value: Any, path: str) -> str:
    """The same as a text; empty where there is nothing, or no path."""
    found = value_at(value, path) if path else None
    if found is None:
        return ""
    return found if isinstance(found, str) else msgspec.json.encode(found).decode()


def read_any(body: bytes) -> Any:
    """A JSON body, whatever it holds; raises Unreadable."""
    return decoded(_ANY, body)


def found_in(body: bytes, place: str) -> str:
    """What an answer says at a place of its JSON, or what `/a pattern/` finds in its text (its group where it has one).

    Empty where it says nothing there.
    """
    if is_pattern(place):
        found = re.search(place[1:-1], body.decode("utf-8", "replace"))
        return (found[1] or "" if found.re.groups else found[0]) if found else ""
    try:
        return text_at(read_any(body), place)
    except Unreadable:
        return ""


def is_pattern(place: str) -> bool:
    """Whether a place is a pattern for the whole text, written between slashes."""
    return len(place) > 2 and place.startswith("/") and place.endswith("/")


def in_address(template: str, values: Mapping[str, str]) -> str:
    """An address with its placeholders filled in, escaped."""
    return PLACEHOLDER.sub(lambda found: quote(values[found[1]], safe=""), template)


def in_text(template: str, values: Mapping[str, str]) -> str:
    """A text with its placeholders filled in."""
    return PLACEHOLDER.sub(lambda found: values[found[1]], template)


def in_json(template: Any, values: Mapping[str, str]) -> Any:
    """A JSON value with the placeholders of all its texts filled in."""
    if isinstance(template, str):
        return in_text(template, values)
    if isinstance(template, list):
        return [in_json(each, values) for each in template]
    if isinstance(template, dict):
        return {name: in_json(each, values) for name, each in template.items()}
    return template


def pairs_of(text: str, between: str) -> tuple[tuple[str, str], ...]:
    """`a=1, b=2` as pairs, blanks around them dropped."""
    parts = (part.strip() for part in text.split(between))
    return tuple((name.strip(), value.strip()) for name, _, value in (part.partition("=") for part in parts if part))

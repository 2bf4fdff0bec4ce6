"""Reads what no adapter knows yet: every text and every file in any JSON, as lines for people. Adapters call it.

So a kind of message that a provider invents tomorrow is shown whole, and no customer's word is lost.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import msgspec

from leadline.channels.http import lenient
from leadline.model import Attachment

LINES = 200  # more than any message of a person has; what is beyond is counted
_ANY = msgspec.json.Decoder()
_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_TYPED = ("mime_type", "mimetype", "content_type", "contentType", "mimeType")
_PLACES = ("url", "link", "id", "file_id")
_NAMES = ("filename", "file_name", "name")


def unknown(kind: str, raw: bytes, leave_out: Collection[str] = ()) -> tuple[str, tuple[Attachment, ...]]:
    """A message of a kind nobody knows: a line that says so, and all that it holds but the fields in `leave_out`.

    raw: the message as JSON; what is no JSON is shown as it is.
    """
    try:
        value = lenient(_ANY, raw)
    except (msgspec.DecodeError, RecursionError):
        value = raw.decode("utf-8", "replace")
    if isinstance(value, dict):
        value = {name: inner for name, inner in value.items() if name not in leave_out}
    lines = [f"[A kind of message that Leadline does not know yet: {kind}]" if kind else "[An unknown kind of message]"]
    return "\n".join(lines + as_lines(value)), tuple(dict.fromkeys(files(value)))


def strange(raw: bytes, known: Collection[str]) -> list[str]:
    """Names of the fields of a JSON object that hold something and that nobody knows: new kinds of content come so."""
    others = ((name, bytes(value)) for name, value in lenient(_FIELDS, raw).items() if name not in known)
    return [name for name, value in others if value[:1] in b"[{" and len(value) > 2]


def beside(raw: bytes, known: Collection[str]) -> str:
    """What a message that is understood holds beside that, in fields nobody knows; empty where there is nothing."""
    names = strange(raw, known)
    if not names:
        return ""
    fields = lenient(_ANY, raw)
    return "\n".join([f"[Also in this message: {', '.join(names)}]", *as_lines({name: fields[name] for name in names})])


def as_lines(value: Any) -> list[str]:
    """Every text and number in the value, a line each with the names that lead to it."""
    lines = list(_lines(value, ()))
    beyond = len(lines) - LINES
    return lines if beyond <= 0 else [*lines[:LINES], f"[and {beyond} more]"]


def files(value: Any) -> Iterator[Attachment]:
    """Whatever has a media type and an address or an id."""
    if isinstance(value, dict):
        kind, place, name = (_first(value, names) for names in (_TYPED, _PLACES, _NAMES))
        if kind and place:
            is_address = place.startswith(("https://", "http://"))
            url, ref = (place, "") if is_address else ("", place)
            yield Attachment(content_type=kind.partition(";")[0], url=url, ref=ref, name=name)
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from files(inner)


def _first(value: dict[str, Any], names: tuple[str, ...]) -> str:
    return next((found for name in names if isinstance(found := value.get(name), str) and found), "")


def _lines(value: Any, names: tuple[str, ...]) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _lines(inner, (*names, name))
    elif isinstance(value, list):
        for inner in value:
            yield from _lines(inner, names)
    elif isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip():
        name = " ".join(" ".join(names[-2:]).replace("_", " ").split())
        yield f"{name}: {value}" if name else str(value)

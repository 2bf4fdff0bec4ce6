"""Payloads with one place of theirs changed: null, a number, a text, an object or a list where something else stood.

Reaches into JSON, forms, queries and XML, and into JSON that stands in a text or a field of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

OTHERS: dict[str, Any] = {"null": None, "number": 7, "text": "words", "object": {"words": "words"}, "list": ["words"]}
INSIDE = "{…}"  # in a path: the JSON that a text holds
_ELEMENT = re.compile(rb"<(\w+)>(?:<!\[CDATA\[(.*?)\]\]>|([^<]*))</\1>", re.DOTALL)


class Mutation(NamedTuple):
    """A body or query with another value at one place, and what that place and value are."""

    place: str
    value: str
    body: bytes
    query: str


def mutations(body: bytes, query: str = "") -> Iterator[Mutation]:
    """Every one of them."""
    for place, value, changed in _of_body(body):
        yield Mutation(place, value, changed, query)
    for place, value, asked in _of_form(query):
        yield Mutation(f"?{place}", value, body, asked)


def decoded(body: bytes | str) -> Any:
    """The JSON object or list that it is; None where it is neither."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict | list) else None


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path to every value, those that hold others too."""
    if path:
        yield path
    inside = decoded(value) if isinstance(value, str) else value
    path = (*path, INSIDE) if inside is not value else path
    inner = inside.items() if isinstance(inside, dict) else enumerate(inside) if isinstance(inside, list) else ()
    for name, each in inner:
        yield from places(each, (*path, name))


def replaced(value: Any, path: tuple[Any, ...], other: Any) -> Any:
    """The same with another value at the end of the path."""
    if not path:
        return other
    name, rest = path[0], path[1:]
    if name == INSIDE:
        return json.dumps(replaced(decoded(value), rest, other))
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[name] = replaced(value[name], rest, other)
    return copy


def _of_body(body: bytes) -> Iterator[tuple[str, str, bytes]]:
    if body.lstrip()[:1] == b"<":
        yield from _of_xml(body)
    elif (whole := decoded(body)) is not None:
        for path in places(whole):
            for name, other in OTHERS.items():
                yield ".".join(map(str, path)), name, json.dumps(replaced(whole, path, other)).encode()
    else:
        for place, name, changed in _of_form(body.decode("utf-8", "replace").strip()):
            yield place, name, changed.encode()


def _of_form(text: str) -> Iterator[tuple[str, str, str]]:
    pairs = parse_qsl(text, keep_blank_values=True)
    for at, (field, value) in enumerate(pairs):
        for path in ((), *((INSIDE, *path) for path in places(decoded(value)))):
            for name, other in OTHERS.items():
                put = replaced(value, path, other)
                put = put if isinstance(put, str) else "" if put is None else json.dumps(put)
                changed = [*pairs[:at], (field, put), *pairs[at + 1 :]]
                yield ".".join(map(str, (field, *path))), name, urlencode(changed)
        yield field, "nothing", urlencode([*pairs[:at], *pairs[at + 1 :]])


def _of_xml(body: bytes) -> Iterator[tuple[str, str, bytes]]:
    inside = {"null": b"", "number": b"7", "text": b"words", "object": b"<Words>words</Words>"}
    for found in _ELEMENT.finditer(body):
        tag = found[1]
        for name, put in {**inside, "list": b"words</%s><%s>words" % (tag, tag)}.items():
            element = b"<%s>%s</%s>" % (tag, put, tag)
            yield tag.decode(), name, body[: found.start()] + element + body[found.end() :]

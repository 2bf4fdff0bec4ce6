"""A person's values as they may stand in stored bytes: plain, escaped, encoded, packed. Used by `person.py`."""

from __future__ import annotations

import json
import zlib
from base64 import b64encode
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

SHORTEST = 4  # characters; shorter ones stand in anybody's text
LARGEST = 20_000_000  # bytes of an unpacked body that are looked into


def needles(values: Iterable[str]) -> list[bytes]:
    """Every way in which bytes may hold one of these values."""
    found: set[bytes] = set()
    for value in values:
        if len(value) >= SHORTEST:
            found |= {way.encode() for way in _ways(value)} | _in_base64(value.encode())
    return sorted(found)


def _ways(value: str) -> set[str]:
    bare = value.lstrip("+")
    texts = {value, bare} if len(bare) >= SHORTEST else {value}
    escaped = {json.dumps(text, ensure_ascii=ascii)[1:-1] for text in texts for ascii in (True, False)}
    quoted = {way(text, safe="") for text in texts for way in (quote, quote_plus)}
    return texts | escaped | quoted | {text.replace("/", r"\/") for text in escaped}


def _in_base64(value: bytes) -> set[bytes]:
    """What of a value is the same wherever it begins in encoded bytes; both alphabets."""
    found = set()
    for lead in range(3):
        encoded = b64encode(b"\0" * lead + value)
        inner = encoded[-(-lead * 8 // 6) : (lead + len(value)) * 8 // 6]
        if len(inner) >= SHORTEST:
            found |= {inner, inner.translate(bytes.maketrans(b"+/", b"-_"))}
    return found


def unpacked(body: bytes) -> bytes:
    """A gzip body's content, as far as it can be read."""
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(body, LARGEST)
    except zlib.error:
        return b""

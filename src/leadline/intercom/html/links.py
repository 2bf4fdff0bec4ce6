"""What an address or a picture inside HTML comes to as text. Called by blocks.py; pure."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from leadline.media import type_of

_SHORT_CODE = re.compile(r":[a-z0-9_+-]{1,38}:")
_PREFIX = re.compile(r"\A(?:https?://|mailto:|tel:)", re.I)
_LINK_SCHEMES = frozenset({"http", "https", "mailto", "tel"})


def link(href: str) -> str:
    """The address a customer can open; empty where there is none."""
    url = with_scheme("".join(href.split()))
    return url if _scheme(url) in _LINK_SCHEMES else ""


def with_scheme(url: str) -> str:
    """The same with its scheme where it begins with its host, `//host/path`."""
    return f"https:{url}" if url.startswith("//") and len(url) > 2 else url


def is_web(url: str) -> bool:
    """Whether something can be fetched from there."""
    return _scheme(url) in {"http", "https"}


def says(label: str, url: str) -> bool:
    """Whether a label already shows its address: `www.x.com` says `http://www.x.com/`."""
    shown, whole = label.rstrip("/"), url.rstrip("/")
    return shown == whole or shown == _PREFIX.sub("", url, count=1).rstrip("/")


def is_emoji(alt: str) -> bool:
    """Whether an image stands for the characters of its description: `<img alt="😀">`, a keycap, or `:smile:`."""
    if alt.endswith("\u20e3") or _SHORT_CODE.fullmatch(alt):
        return len(alt) <= 40
    return 0 < len(alt) <= 8 and not any(char.isascii() or char.isalnum() for char in alt)


def image_type(url: str) -> str:
    """Media type by the ending of the address; `image/*` where it has none."""
    guessed = type_of(url.partition("?")[0])
    return guessed if guessed.startswith("image/") else "image/*"


def _scheme(url: str) -> str:
    """Scheme of an address in lower case; empty when it is no address."""
    try:
        return urlsplit(url).scheme.lower()
    except ValueError:
        return ""

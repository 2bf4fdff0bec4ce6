"""Turns the body of an Intercom message, HTML or already plain, into the text a chat app shows, plus its images.

Called by parts.py. Pure and total: never raises, never loads anything, linear in the length of the body.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from leadline.intercom.html.blocks import written
from leadline.intercom.html.links import image_type
from leadline.model import Attachment, Mark, Struct

_LOOKS_HTML = re.compile(
    r"\s*<(?:p|div|h[1-6]|ul|ol|pre|blockquote|table|figure|hr|img|iframe|video|audio|section|article|header|main|details|dl)"
    r"(?:\s[^<>]*)?/?>",
    re.I,
)
_PLAIN_IMAGE = re.compile(r'\[Image "(https?://[^"\s]+)"\]')


class Plain(Struct, frozen=True):
    """Text as a chat app shows it, the images that stood in it, and what of it was emphasised."""

    text: str
    images: tuple[Attachment, ...] = ()
    marks: tuple[Mark, ...] = ()


def read(body: str) -> Plain:
    """A message body of either kind. Intercom sends HTML, except in webhooks of apps on version 2.15 and later.

    Which one it is, the payload does not say: what begins with a block element and ends with a tag is HTML. In plain
    bodies an image stands as `[Image "address"]`.
    """
    if _LOOKS_HTML.match(body) and body.rstrip().endswith(">"):
        return from_html(body)
    images = tuple(Attachment(image_type(url), url) for url in _PLAIN_IMAGE.findall(body))
    return Plain(_PLAIN_IMAGE.sub("", body).replace("\r\n", "\n").strip(), images)


def from_html(body: str) -> Plain:
    """HTML as text: blocks and `br` become lines, lists get bullets, links become `label (url)`, images come apart."""
    writer = written(body)
    whole = "".join(writer.out)
    text, before = whole.strip("\n "), len(whole) - len(whole.lstrip("\n "))
    return Plain(text, tuple(writer.images), _within(writer.marks, before, len(text)))


def _within(marks: Sequence[Mark], before: int, length: int) -> tuple[Mark, ...]:
    """The marks of a text that lost this much white space before it and has that length now."""
    moved = (Mark(max(mark.start - before, 0), min(mark.end - before, length), mark.style) for mark in marks)
    return tuple(sorted((mark for mark in moved if mark.start < mark.end), key=lambda mark: (mark.start, -mark.end)))


def same_text(one: str, other: str) -> bool:
    """Whether two texts are the same message: white space aside, which Intercom rewrites."""
    return _words(one) == _words(other)


def _words(value: str) -> list[str]:
    return value.replace("\xa0", " ").split()

"""Text of a canvas as pieces that a page can draw without ever reading HTML. Pure; used by `canvas_drawing.py`."""

from __future__ import annotations

import re

from leadline.model import Struct

_MARKUP = re.compile(r"\*\*(?P<bold>[^*\n]+)\*\*|\[(?P<label>[^\]\n]+)\]\((?P<url>https?://[^\s)]+)\)")


class Span(Struct, frozen=True):
    """A run of text; with `url` it is a link."""

    text: str
    bold: bool = False
    url: str = ""


def spans(text: str) -> tuple[Span, ...]:
    """The two things Canvas Kit takes from Markdown, links and bold; everything else stays as it is."""
    found: list[Span] = []
    at = 0
    for match in _MARKUP.finditer(text):
        found.append(Span(text[at : match.start()]))
        if match["bold"]:
            found.append(Span(match["bold"], bold=True))
        else:
            found.append(Span(match["label"], url=match["url"]))
        at = match.end()
    found.append(Span(text[at:]))
    return tuple(span for span in found if span.text)

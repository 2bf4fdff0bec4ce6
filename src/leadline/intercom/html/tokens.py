"""Cuts HTML into text and tags, one regular expression for all of it, and reads attributes. Called by blocks, tables.

Total and linear: whatever is no tag is text, and nothing is looked at twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

Token = tuple[str, ...]
"""Four: the text before a tag, its name (`p`, `/p`; as written), its attributes, and `/` where it closes itself."""

_TAG = r"(/?+[a-zA-Z][^ \t\n\r\f/>\0]*+)"
_ATTRIBUTES = r"""((?:[^=>/]++|=++\s*+(?:"[^"]*+"|'[^']*+'|(?!["'])[^\s>]*+)|/(?!>))*+)(/?+)>"""
_NEAR = r"""((?:[^=<>/]++|=++\s*+(?:"[^"<>]*+"|'[^'<>]*+'|(?!["'])[^\s<>]*+)|/(?!>))*+)(/?+)>"""
_PIECE = r"""(?sx)
    ([^<]*+(?:<(?![a-zA-Z/!?])[^<]*+)*+)            # text; in it a `<` that begins nothing
    (?:<(?:
        (?i:script(?=[\s>])[^>]*+(?<!/)>.*?(?:</script\s*+>|\Z))
        |(?i:style(?=[\s>])[^>]*+(?<!/)>.*?(?:</style\s*+>|\Z))
        |%s%s
        |/(?![a-zA-Z])[^>]*+>                       # the end of what has no name
        |!--.*?(?:-->|\Z)|[!?][^>]*+(?:>|\Z)        # comments and declarations, to the end where they are not closed
    )|(<)|\Z)"""
_STRICT = re.compile(_PIECE % (_TAG, _ATTRIBUTES))
_AFTER_BROKEN = re.compile(_PIECE % (_TAG, _NEAR))
_BROKEN = 5  # the group of what begins as a tag and has a quote that is never closed
_NO_TEXT = re.compile(r"<[!?]")
_ATTRIBUTE = re.compile(r"""([^\s/=>]++)(?:\s*+=++\s*+("[^"]*+"|'[^']*+'|[^\s>]*+))?+""")
_HUGE_REFERENCE = re.compile(r"&#[0-9]{8,};?")


def tokens(body: str) -> Iterator[Token]:
    """All of a body in turn. A tag that never closes is text, and so is one with a quote that never closes.

    After the first of those a quote must close before the next `<` or `>`: else each further tag could mean to look
    through all the rest again.
    """
    tame = _tame(body)
    for found in _STRICT.finditer(tame):
        if found.lastindex == _BROKEN:
            yield from map(_token, _AFTER_BROKEN.finditer(tame, found.start()))
            return
        yield found.groups("")[:4]


def _token(found: re.Match[str]) -> Token:
    return (f"{found[1]}<", "", "", "") if found.lastindex == _BROKEN else found.groups("")[:4]


def _tame(body: str) -> str:
    """Behind the last `>` stands no tag; what a comment or a declaration begins there is not shown."""
    closed = body.rfind(">") + 1
    tail = body[closed:]
    return body[:closed] + _NO_TEXT.split(tail, 1)[0].replace("<", "&lt;") if "<" in tail else body


def attributes(written: str) -> dict[str, str]:
    """Names in lower case, and values; the last one counts where a name comes twice."""
    return {name.lower(): decoded(_unquoted(value)) for name, value in _ATTRIBUTE.findall(written)}


def _unquoted(value: str) -> str:
    return value[1:-1] if value[:1] in {'"', "'"} and value[:1] == value[-1:] else value


def decoded(text: str) -> str:
    """Text with its character references resolved; a number that no character can have is U+FFFD."""
    return unescape(_HUGE_REFERENCE.sub("\N{REPLACEMENT CHARACTER}", text)) if "&" in text else text

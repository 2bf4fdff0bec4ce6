"""Turns the body of an Intercom message, HTML or already plain, into the text a chat app shows, plus its images.

Called by parts.py. Pure and total: never raises, never loads anything, linear in the length of the body.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from typing import Literal
from urllib.parse import urlsplit

from leadline.media import type_of
from leadline.model import Attachment, Mark, Struct

_LOOKS_HTML = re.compile(
    r"\s*<(?:p|div|h[1-6]|ul|ol|pre|blockquote|table|figure|hr|img|iframe|video|audio)(?:\s[^<>]*)?/?>", re.I
)
# html.parser of Python 3.11 stops with an error at some declarations and is quadratic in unclosed ones; a chat message
# has no use for any of them, so they go first, in one pass.
_DECLARATION = re.compile(r"<!--(?:.*?-->|.*\Z)|<[!?][^>]*(?:>|\Z)", re.S)
_HUGE_REFERENCE = re.compile(r"&#[0-9]{8,};?")
_PLAIN_IMAGE = re.compile(r'\[Image "(https?://[^"\s]+)"\]')
_SHORT_CODE = re.compile(r":[a-z0-9_+-]{1,38}:")
_TABLES = re.compile(r"<(td|th|tr|table|ul|ol|pre|blockquote)(?=[\s/>])", re.I)
_SPACES = re.compile(r"[ \t\r\n\f]+")

_PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "pre", "blockquote", "table"})
_LINES = frozenset({"div", "li", "tr", "hr", "figure", "figcaption", "section", "article", "dl", "dt", "dd"})
_PLAYED = frozenset({"iframe", "video", "audio", "source", "embed"})
_UNSEEN = frozenset({"script", "style", "head", "title", "template"})
_STYLES: dict[str, Literal["bold", "italic", "strike", "code"]] = {
    **dict.fromkeys(("b", "strong"), "bold"),
    **dict.fromkeys(("i", "em"), "italic"),
    **dict.fromkeys(("s", "strike", "del"), "strike"),
    "code": "code",
}
_MOST_MARKS = 1_000  # of one message: beyond that nothing stands out any more, and the text is whole all the same
_LINK_SCHEMES = frozenset({"http", "https", "mailto", "tel"})


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
    images = tuple(Attachment(_image_type(url), url) for url in _PLAIN_IMAGE.findall(body))
    return Plain(_PLAIN_IMAGE.sub("", body).replace("\r\n", "\n").strip(), images)


def from_html(body: str) -> Plain:
    """HTML as text: blocks and `br` become lines, lists get bullets, links become `label (url)`, images come apart."""
    tame = _tame(body)
    writer = _Writer(_cells_of_lines(tame))
    writer.feed(tame)
    writer.close()
    writer.finish()
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


def _tame(body: str) -> str:
    """Take away what html.parser handles badly: declarations, endless numeric references, a tag that never closes."""
    body = _HUGE_REFERENCE.sub("\N{REPLACEMENT CHARACTER}", _DECLARATION.sub("", body))
    closed = body.rfind(">") + 1
    return body[:closed] + body[closed:].replace("<", "&lt;")


def _cells_of_lines(body: str) -> Iterator[bool]:
    """Of each cell in turn whether its row is one line: it has several cells, and nothing in it that has lines itself.

    A table of one cell is a frame around a text, as in many e-mails.
    """
    rows: list[list[int]] = [[]]
    told: list[bool] = []
    for found in _TABLES.finditer(body):
        tag = found[1].lower()
        if tag in {"td", "th"}:
            rows[-1].append(len(told))
            told.append(False)
        elif tag == "tr":
            rows.append([])
        else:
            rows[-1].clear()
    for row in rows:
        for cell in row if len(row) > 1 else ():
            told[cell] = True
    return iter(told)


class _Writer(HTMLParser):
    """Collects text with HTML's rules for white space. `_breaks` and `_gap` are owed before the next character."""

    def __init__(self, in_line: Iterator[bool]) -> None:
        """in_line: of each cell in turn, whether its row is one line."""
        super().__init__(convert_charrefs=True)
        self._in_line = in_line
        self.out: list[str] = []
        self.images: list[Attachment] = []
        self._breaks = 0
        self._gap = False
        self._unseen = 0
        self._verbatim = 0
        self._quotes = 0
        self._quote_begins = False
        self._lists: list[int | None] = []
        self._links: list[tuple[str, int]] = []
        self.marks: list[Mark] = []
        self._open: dict[str, tuple[int, int]] = {}
        """Tag → how deep it is open, and where what stands out begins; -1 until something is written in it."""
        self._length = 0
        self._cells = 0
        self._in_cell = False
        self._pre_begins = False
        self._fresh = False
        self._empty = False

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag == "br":
            self._break(self._breaks + 1 if self.out else 0)
            self._empty = False
        elif tag == "img":
            self._image(values)
        elif tag == "a":
            self._close_link()
            url = "" if _is_mention(values) else _link(values.get("href", ""))
            self._links.append((url, len(self.out)))
        elif tag in _STYLES:
            depth, start = self._open.get(tag, (0, -1))
            self._open[tag] = depth + 1, start
        elif tag in {"td", "th"}:
            self._cell()
        elif tag == "tr":
            self._in_cell = False
            self._block(tag, values)
        elif tag in _PARAGRAPHS or tag in _LINES:
            self._block(tag, values)
        if tag in _PLAYED and not self._unseen:
            self._line(_link(values.get("src", "")))

    def handle_startendtag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in {"br", "img", "hr"} | _PLAYED:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag == "a":
            self._close_link()
        elif tag == "pre":
            self._verbatim = max(0, self._verbatim - 1)
            self._break(1)
        elif tag == "blockquote":
            self._quotes = max(0, self._quotes - 1)
            self._break(1)
        elif tag in _STYLES:
            self._unstyle(tag)
        elif tag in {"ul", "ol"} and self._lists:
            self._lists.pop()
            self._break(1)
        elif tag in {"td", "th"}:
            self._in_cell, self._gap = False, True
        elif tag in {"tr", "table"}:
            self._in_cell = False
            self._break(1)
        elif tag == "p" and self._empty:
            self._break(self._breaks + 1 if self.out else 0)
        elif tag in _PARAGRAPHS or tag in _LINES:
            self._break(1)

    def handle_data(self, data: str) -> None:
        if self._unseen:
            return
        if self._verbatim:
            self._exactly(data)
            return
        words = _SPACES.sub(" ", data).replace("\xa0", " ")
        self._gap = self._gap or words.startswith(" ")
        if words.strip(" "):
            self._write(words.strip(" "))
            self._gap = words.endswith(" ")

    def _exactly(self, data: str) -> None:
        """Text as it stands, but for the line end right behind `<pre>`, which is none; one at the end is owed."""
        lines = data.removeprefix("\n") if self._pre_begins else data
        self._pre_begins = False
        text = lines.rstrip("\n")
        ends = len(lines) - len(text)
        if text:
            self._write(text.replace("\n", "\n" + "> " * self._quotes))
        if self.out:
            self._breaks = ends if text else self._breaks + ends

    def finish(self) -> None:
        """Close what the body left open."""
        self._close_link()
        for tag in tuple(self._open):
            self._stood_out(tag, self._open.pop(tag)[1])

    def _unstyle(self, tag: str) -> None:
        """A tag is closed. Within itself it says nothing new, so only the outermost one counts."""
        depth, start = self._open.pop(tag, (0, -1))
        if depth > 1:
            self._open[tag] = depth - 1, start
        elif depth:
            self._stood_out(tag, start)

    def _stood_out(self, tag: str, start: int) -> None:
        """A stretch ends that stands out, where something was written in it."""
        if 0 <= start < self._length and len(self.marks) < _MOST_MARKS:
            self.marks.append(Mark(start, self._length, _STYLES[tag]))

    def _cell(self) -> None:
        """Cells of a row stand apart."""
        if self._cells:
            self._gap = True
            self._write("|")
        self._gap = bool(self._cells)
        self._cells += 1
        self._in_cell = next(self._in_line, False)

    def _block(self, tag: str, values: dict[str, str]) -> None:
        # The composer writes every line as a paragraph of class no-margin; only other paragraphs stand apart.
        apart = tag in _PARAGRAPHS and "no-margin" not in values.get("class", "") and not self._lists
        if not self._fresh or tag in {"ul", "ol", "li"}:  # what stands in a list's item begins beside its bullet
            self._break(2 if apart else 1)
        self._empty = tag == "p" and not apart
        self._cells = self._cells if self._in_cell else 0
        if tag in {"ul", "ol"}:
            self._lists.append(_first_number(values) if tag == "ol" else None)
        elif tag == "li":
            self._bullet()
        elif tag == "pre":
            self._verbatim, self._pre_begins = self._verbatim + 1, True
        elif tag == "blockquote":
            self._quotes, self._quote_begins = min(self._quotes + 1, 8), True

    def _bullet(self) -> None:
        number = self._lists[-1] if self._lists else None
        mark = "- " if number is None else f"{number}. "
        self._write("  " * (min(len(self._lists), 8) - 1) + mark)
        self._fresh = True
        if number is not None:
            self._lists[-1] = number + 1

    def _break(self, lines: int) -> None:
        """Owe at least this many line ends; an empty document owes none. In a cell a space: a row is one line."""
        if self._in_cell:
            self._gap = True
            return
        if self.out:
            self._breaks = max(self._breaks, lines)
        self._gap = False

    def _write(self, text: str) -> None:
        if self._breaks or (self._quotes and not self.out):
            lines = self._breaks if self._quote_begins or not self._quotes else 1  # a blank line would end the quote
            self._put("\n" * lines + "> " * self._quotes)
            self._quote_begins = False
        elif self._gap and self.out and not self.out[-1].endswith((" ", "\n")):
            self._put(" ")
        for tag, (depth, start) in self._open.items():
            if start < 0:
                self._open[tag] = depth, self._length
        self._breaks, self._gap, self._fresh, self._empty = 0, False, False, False
        self._put(text)

    def _put(self, text: str) -> None:
        self.out.append(text)
        self._length += len(text)

    def _line(self, text: str) -> None:
        if text:
            self._break(1)
            self._write(text)
            self._break(1)

    def _image(self, values: dict[str, str]) -> None:
        url, alt = values.get("src", "").strip(), values.get("alt", "")
        if self._unseen:
            return
        if _is_emoji(alt):
            self._write(alt)
        elif _scheme(url) in {"http", "https"}:
            self.images.append(Attachment(_image_type(url), url, name=alt))

    def _close_link(self) -> None:
        if not self._links:
            return
        url, start = self._links.pop()
        label = "".join(self.out[start:]).strip()
        if url and not _says(label, url):
            gap, self._gap = self._gap, self._gap or bool(label)
            self._write(f"({url})" if label else url)
            self._gap = gap and bool(label)


def _first_number(values: dict[str, str]) -> int:
    """What a numbered list begins with."""
    start = values.get("start", "")
    return int(start) if start.isascii() and start.isdigit() and len(start) < 6 else 1


def _is_emoji(alt: str) -> bool:
    """Whether an image stands for the characters of its description: `<img alt="😀">`, a keycap, or `:smile:`."""
    if alt.endswith("\u20e3") or _SHORT_CODE.fullmatch(alt):
        return len(alt) <= 40
    return 0 < len(alt) <= 8 and not any(char.isascii() or char.isalnum() for char in alt)


def _is_mention(values: dict[str, str]) -> bool:
    """Whether a link leads to a teammate inside Intercom, which says nothing to a customer."""
    return "mention" in values.get("class", "")


def _image_type(url: str) -> str:
    """Media type by the ending of the address; `image/*` where it has none."""
    guessed = type_of(url.partition("?")[0])
    return guessed if guessed.startswith("image/") else "image/*"


def _scheme(url: str) -> str:
    """Scheme of an address in lower case; empty when it is no address."""
    try:
        return urlsplit(url).scheme.lower()
    except ValueError:
        return ""


def _link(href: str) -> str:
    url = "".join(href.split())
    return url if _scheme(url) in _LINK_SCHEMES else ""


def _says(label: str, url: str) -> bool:
    """Whether a label already shows its address: `www.x.com` says `http://www.x.com/`."""
    bare = re.sub(r"^(?:https?://|mailto:|tel:)", "", url, flags=re.I).rstrip("/")
    return label.rstrip("/") in {url.rstrip("/"), bare}

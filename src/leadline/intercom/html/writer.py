"""The text that is being written, with HTML's rules for white space, and what stands out of it. Used by blocks.py."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Literal

from leadline.intercom.html.links import says
from leadline.model import Attachment, Mark

STYLES: dict[str, Literal["bold", "italic", "strike", "code"]] = {
    **dict.fromkeys(("b", "strong"), "bold"),
    **dict.fromkeys(("i", "em"), "italic"),
    **dict.fromkeys(("s", "strike", "del"), "strike"),
    "code": "code",
}
SCRIPTS: dict[str, Mapping[int, int]] = {
    "sup": str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ"),
    "sub": str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎"),
}
"""Raised and lowered characters, lest 10 to the 6th become 106."""
_SPACES = re.compile(r"[ \t\r\n\f]+")
_MOST_MARKS = 1_000  # of one message: beyond that nothing stands out any more, and the text is whole all the same


class Writer:
    """Collects text. `breaks` and `gap` are owed before the next character."""

    def __init__(self, in_line: Iterator[bool]) -> None:
        """in_line: of each cell in turn, whether its row is one line."""
        self.in_line = in_line
        self.out: list[str] = []
        self.length = 0
        self.images: list[Attachment] = []
        self.marks: list[Mark] = []
        self.breaks = 0
        self.gap = False
        self.unseen = 0
        self.verbatim = 0
        self.pre_begins = False
        self.quotes = 0
        self.quote_begins = False
        self.lists: list[int | None] = []
        """Of each open list the number of its next item; None where it has bullets."""
        self.link: tuple[str, int] | None = None
        """The address of the open link, and how many pieces were written before it."""
        self.styles: dict[str, list[int]] = {}
        """Tag → how deep it is open, and where what stands out begins; -1 until something is written in it."""
        self.unwritten: list[list[int]] = []
        """Of `styles` those that nothing was written in yet."""
        self.script: Mapping[int, int] | None = None
        self.cells = 0
        self.bars = 0
        """Between cells, owed before the next character; none where a line ends before it."""
        self.in_cell = False
        self.fresh = False
        self.empty = False

    def text(self, text: str) -> None:
        """Words between two tags: white space is one space, and none where a line begins or ends."""
        words = _SPACES.sub(" ", text).replace("\xa0", " ")
        bare = words.strip(" ")
        if self.script and all(ord(char) in self.script for char in bare):
            bare = bare.translate(self.script)
        if bare:
            self.gap = self.gap or words[0] == " "
            self.write(bare)
            self.gap = words[-1] == " "
        elif words:
            self.gap = True

    def exactly(self, text: str) -> None:
        """Text as it stands, but for the line end right behind `<pre>`, which is none; one at the end is owed."""
        lines = text.removeprefix("\n") if self.pre_begins else text
        self.pre_begins = False
        bare = lines.rstrip("\n")
        ends = len(lines) - len(bare)
        if bare:
            self.write(bare.replace("\n", "\n" + "> " * self.quotes))
        if self.out:
            self.breaks = ends if bare else self.breaks + ends

    def write(self, text: str) -> None:
        """Something that is seen, after the lines or the space owed."""
        if self.breaks or (self.quotes and not self.out):
            lines = self.breaks if self.quote_begins or not self.quotes else 1  # a blank line would end the quote
            self._put("\n" * lines + "> " * self.quotes)
            self.breaks, self.quote_begins = 0, False
        elif (self.gap or self.bars) and self.out and self.out[-1][-1] not in " \n":
            self._put(" ")
        if self.bars:
            self._put("| " * self.bars)
            self.bars = 0
        if self.unwritten:
            for style in self.unwritten:
                style[1] = self.length
            self.unwritten.clear()
        self.gap = self.fresh = self.empty = False
        self._put(text)

    def _put(self, text: str) -> None:
        self.out.append(text)
        self.length += len(text)

    def owe(self, lines: int) -> None:
        """Owe at least this many line ends; an empty text owes none. In a cell a space: a row is one line."""
        if self.in_cell:
            self.gap = True
            return
        self.bars = 0
        if lines > self.breaks and self.out:
            self.breaks = lines
        self.gap = False

    def owe_one_more(self) -> None:
        """A line end of its own, beside those that are owed."""
        self.owe(self.breaks + 1)

    def begin_style(self, tag: str) -> None:
        """Within itself a tag says nothing new, so only the outermost one counts."""
        if style := self.styles.get(tag):
            style[0] += 1
        else:
            self.styles[tag] = style = [1, -1]
            self.unwritten.append(style)

    def end_style(self, tag: str) -> None:
        """A stretch ends that stands out, where something was written in it."""
        style = self.styles.get(tag)
        if style is None:
            return
        style[0] -= 1
        if style[0] == 0:
            self._stood_out(tag, self.styles.pop(tag)[1])

    def _stood_out(self, tag: str, start: int) -> None:
        if 0 <= start < self.length and len(self.marks) < _MOST_MARKS:
            self.marks.append(Mark(start, self.length, STYLES[tag]))

    def begin_link(self, url: str) -> None:
        """What is written from here on is its label."""
        self.end_link()
        self.link = url, len(self.out)

    def end_link(self) -> None:
        """The address behind its label, where that does not say it already."""
        url, start = self.link or ("", 0)
        self.link = None
        label = "".join(self.out[start:]).strip() if url else ""
        if url and not says(label, url):
            gap, self.gap = self.gap, self.gap or bool(label)
            self.write(f"({url})" if label else url)
            self.gap = gap and bool(label)

    def finish(self) -> None:
        """Close what the body left open."""
        self.end_link()
        for tag, (_, start) in self.styles.items():
            self._stood_out(tag, start)

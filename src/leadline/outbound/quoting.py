"""A teammate's reply that begins with `> ` answers an earlier message: which one, and what is left to send.

Pure; `sending.py` asks. Where the app can show the quote itself, the quoted lines leave the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from leadline.channels.markup import clipped
from leadline.model import Outbound

TELLING = 12  # characters of a part of a message that tell it from all others, where only one has them
_WROTE = re.compile(r"[^:\n]{1,60} wrote: ")
_ENDS = ("…", "...")


def is_quoting(text: str) -> bool:
    """Whether it begins with quoted lines and then says something."""
    quoted, start = parted(text)
    return bool(quoted) and bool(text[start:].strip())


def parted(text: str) -> tuple[str, int]:
    """The words of the quoted lines at the beginning, on one line, and where the answer begins.

    Lines that were quoted already when they were quoted (`> > …`) are not words of the message.
    """
    words, at = [], 0
    for line in text.splitlines(keepends=True):
        if line.strip() and not line.startswith(">"):
            break
        at += len(line)
        said = line[1:].strip()
        words += said.split() if not said.startswith(">") else []
    return " ".join(words), at + len(text[at:]) - len(text[at:].lstrip())


def answering(message: Outbound, said: Sequence[Mapping[str, Any]], quotable: Callable[[str, str], str]) -> Outbound:
    """The message with the quote as the app shows it; unchanged where no earlier message has the quoted words.

    said: both sides' messages of the conversation, the latest first. quotable: how to name one of them by its
    `number` and `ref`, empty where the app cannot quote it.
    """
    quoted, start = parted(message.text)
    found = _meant(quoted, said) or _meant(_WROTE.sub("", quoted, count=1), said)
    name = quotable(found["number"], found["ref"]) if found else ""
    if not name or not message.text[start:].strip():
        return message
    marks = clipped(message.marks, start, len(message.text))
    return msgspec.structs.replace(message, text=message.text[start:], marks=marks, quoted=name)


def _meant(quoted: str, said: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The latest message of these words; else the only one that begins with them, or has them in it."""
    texts = [(" ".join(row["text"].split()), row) for row in said]
    same = [row for text, row in texts if text and text == quoted]
    if same:
        return same[0]
    begun = quoted.removesuffix(_ENDS[0]).removesuffix(_ENDS[1]).rstrip()
    if len(begun) < TELLING:
        return None
    if quoted.endswith(_ENDS):
        starting = [row for text, row in texts if text.startswith(begun)]
        return starting[0] if len(starting) == 1 else None
    having = [row for text, row in texts if begun in text]
    return having[0] if len(having) == 1 else None

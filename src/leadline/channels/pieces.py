"""Cutting one reply into what a provider takes in one call each; adapters' `pieces` use these."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from leadline.channels.markup import clipped
from leadline.channels.text import segments, split, utf16_units
from leadline.model import Attachment, Outbound


def numbered(message: Outbound, parts: Iterable[tuple[str, tuple[Attachment, ...]]]) -> tuple[Outbound, ...]:
    """One Outbound for each (text, files), with ids `<id>.1`, `<id>.2`, …

    Each text has its marks; the first one has the quote, the last one the choices, as what the customer reads last.
    """
    listed, pieces, at = list(parts), [], 0
    asking = max((number for number, (text, _) in enumerate(listed, 1) if text), default=0)
    for number, (text, files) in enumerate(listed, 1):
        start = max(message.text.find(text, at), at) if text else at
        at = start + len(text)
        piece = msgspec.structs.replace(
            message,
            id=f"{message.id}.{number}",
            text=text,
            attachments=files,
            marks=clipped(message.marks, start, at),
            choices=message.choices if number == asking else (),
            quoted=message.quoted if number == 1 else "",
        )
        pieces.append(piece)
    return tuple(pieces)


def with_choices(message: Outbound, *, most: int, length: int) -> Outbound:
    """The message with its choices as numbered lines of the text, unless the channel takes so many of that length.

    Each choice is one line. length: in UTF-16 units, as most providers count.
    """
    if not message.choices:
        return message
    message = msgspec.structs.replace(message, choices=tuple(" ".join(choice.split()) for choice in message.choices))
    fits = len(message.choices) <= most and all(sum(map(utf16_units, one)) <= length for one in message.choices)
    if fits and message.text:
        return message
    listed = (f"{number}. {choice}" for number, choice in enumerate(message.choices, 1))
    text = "\n".join(filter(None, (message.text, *listed)))
    return msgspec.structs.replace(message, text=text, numbered=True)


def offered(message: Outbound) -> tuple[str, ...]:
    """The choices that go out as something to tap on; none where the text lists them."""
    return () if message.numbered else message.choices


def text_with_files(
    message: Outbound, *, text_length: int, files: int, size: Callable[[str], int] = utf16_units
) -> tuple[Outbound, ...]:
    """Texts of at most `text_length`, the last one carrying the first `files` files, the others following."""
    texts = list(split(message.text, text_length, size))
    batches = [message.attachments[at : at + files] for at in range(0, len(message.attachments), files)]
    last = [(texts.pop() if texts else "", batches.pop(0))] if batches else []
    return numbered(message, [*((text, ()) for text in texts), *last, *(("", batch) for batch in batches)])


def texts_then_files(message: Outbound, *, text_length: int) -> tuple[Outbound, ...]:
    """Texts of at most `text_length`, then every file alone."""
    texts = split(message.text, text_length)
    return numbered(message, [*((text, ()) for text in texts), *(("", (file,)) for file in message.attachments)])


def sms_room(parts: int) -> int:
    """Characters of the GSM alphabet that surely fit into so many SMS parts, however escapes fall on the seams."""
    return 153 * parts - (parts - 1)


def septets(char: str) -> int:
    """Size of one character of the GSM alphabet: an extension character takes two."""
    return segments(char).units


def sms_then_files(message: Outbound, *, parts: int) -> tuple[Outbound, ...]:
    """Texts of at most so many SMS parts, then every file alone."""
    if segments(message.text).encoding == "gsm7":
        texts = split(message.text, sms_room(parts), septets)
    else:
        texts = split(message.text, 67 * parts - (parts - 1))
    return numbered(message, [*((text, ()) for text in texts), *(("", (file,)) for file in message.attachments)])


def with_links(message: Outbound) -> str:
    """The text of a piece for a channel without files: each file as a line with its name and address."""
    links = [f"{file.name}: {file.url}" if file.name else file.url for file in message.attachments]
    return "\n".join(filter(None, (message.text, *links)))

"""What may reach a terminal: letters, never commands to it. Everything the CLI prints goes through here."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

JOINERS = "\u200c\u200d"  # Persian, Hindi and many emoji need them; they move nothing
BREAKS = "\n\r\v\f\x85\u2028\u2029"


def printable(text: str) -> str:
    """One line of `text` that a terminal only shows: a break becomes ↵, what commands or reorders its code."""
    if text.isprintable():
        return text
    line = text.replace("\r\n", "\n")
    return line.translate({ord(letter): _shown(letter) for letter in _unprintable(line) if letter not in JOINERS})


def plain_json(text: str, *, in_ascii: bool = False) -> str:
    """JSON text that says the same in printable letters. in_ascii: for an output that has no others."""
    letters = {letter for letter in text if not letter.isascii()} if in_ascii else set()
    return text.translate({ord(letter): _json_code(letter) for letter in {*_unprintable(text), *letters}})


def _unprintable(text: str) -> list[str]:
    """Each once: a text has many letters and few different ones."""
    return [letter for letter in set(text) if not letter.isprintable()]


def _shown(letter: str) -> str:
    if letter in BREAKS:
        return "↵"
    if letter.isspace():
        return " "
    return f"\\u{ord(letter):04x}" if ord(letter) <= 0xFFFF else f"\\U{ord(letter):08x}"


def _json_code(letter: str) -> str:
    pair = letter.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{pair[at : at + 2].hex()}" for at in range(0, len(pair), 2))


def tell(text: str) -> None:
    """One line on standard output, at once."""
    sys.stdout.write(printable(text) + "\n")
    sys.stdout.flush()


def complain(text: str) -> None:
    """One line on standard error."""
    sys.stderr.write(printable(text) + "\n")


def plain_event(_logger: object, _method: str, event: Mapping[str, Any]) -> Mapping[str, Any]:
    """A log event in printable letters; a traceback keeps its lines."""
    return {key: _plain(value) for key, value in event.items()}


def _plain(value: object) -> object:
    return printable(value) if isinstance(value, str) else value


def plain_lines(_logger: object, _method: str, text: str) -> str:
    """What is about to be written to the log, its lines kept."""
    return "\n".join(map(printable, text.split("\n")))

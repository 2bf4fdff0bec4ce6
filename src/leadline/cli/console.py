"""How the CLI speaks: tables for people, JSON for scripts."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from rich.console import Console
from rich.text import Text

from leadline.cli.layout import listed, table, widths
from leadline.cli.terminal import plain_json, printable


class Terminal(Console):
    """A console whose texts are texts: no markup in them, no emoji names, nothing that commands the terminal."""

    def render_str(self, text: str, *positional: Any, **named: Any) -> Text:
        """Where rich turns every string, also a table's, into what is printed."""
        return super().render_str(printable(text), *positional, **{**named, "markup": False, "emoji": False})


out = Terminal(highlight=False, soft_wrap=True)  # addresses must survive being copied


Row = Mapping[str, Any]
Columns = Mapping[str, str | Callable[[Row], object]]
"""Title for people → the field of a row, or how to say it in words."""


def show(rows: Sequence[Row], columns: Columns, *, as_json: bool, empty: str, count: int | None = None) -> None:
    """Print rows: all their fields as JSON, or the columns as a table; as a list where the table would cut words.

    count: how many at most; the caller hands over one more, so that a cut is said.
    """
    if count is not None and len(rows) > count:
        show(rows[:count], columns, as_json=as_json, empty=empty)
        if not as_json:
            out.print("There are more. Use --count to see them.")
        return
    if as_json:
        show_json([dict(row) for row in rows])
        return
    if not rows:
        out.print(empty)
        return
    titles = list(columns)
    cells = [[_text(row[of] if isinstance(of, str) else of(row)) for of in columns.values()] for row in rows]
    wide = widths(list(zip(titles, *cells, strict=True)), out.width)
    if wide is not None:
        out.print(table(titles, cells, wide), soft_wrap=False)
        return
    for line in listed(titles, cells):
        out.print(line)


def say(words: str | Sequence[str], value: object, *, as_json: bool) -> None:
    """Print what a command did: as one line or several for people, or as a value for a script."""
    if as_json:
        show_json(value)
        return
    for line in [words] if isinstance(words, str) else words:
        out.print(line)


def more(count: int) -> None:
    """Say that a list was cut, and how to see the rest."""
    if count > 0:
        out.print(f"There are {count:,} more. Use --count to see them.")


def show_json(value: object) -> None:
    """Print a value as JSON, in letters that a terminal only shows."""
    text = msgspec.json.encode(value, enc_hook=str).decode()
    in_ascii = codecs.lookup(sys.stdout.encoding or "utf-8").name != "utf-8"
    sys.stdout.write(plain_json(text, in_ascii=in_ascii) + "\n")


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)

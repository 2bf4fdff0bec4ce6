"""Cells of a CSV file that a spreadsheet opens: whatever customers wrote is text in it and never a formula. Pure."""

from __future__ import annotations

import unicodedata

FORMULA = ("=", "+", "-", "@")


def cell(value: str) -> str:
    """What a spreadsheet takes for a formula gets an apostrophe in front, which makes it a text.

    Some leave out spaces and control characters at the beginning, and some read wide letters (＝) like narrow ones.
    """
    first = next((char for char in value if unicodedata.category(char)[0] not in "ZC"), "")
    narrow = unicodedata.normalize("NFKC", first)[:1]
    return f"'{value}" if narrow in FORMULA or value[:1] in ("\t", "\r", "\n") else value

"""Numbers that somebody typed or that stand in an address. Pages and searches ask before they ask the database."""

from __future__ import annotations


def is_number(text: str) -> bool:
    """Whether it is a whole number, not below zero, that fits a bigint of PostgreSQL."""
    return text.isascii() and text.isdigit() and len(text) < 19

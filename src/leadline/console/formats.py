"""Numbers and days as each language writes them, by Babel. `language.py` asks in the reader's."""

from __future__ import annotations


def numeral(count: float, language: str) -> str:
    """With the language's separators, and at most three digits behind the comma."""
    from babel.numbers import format_decimal  # comes with the console; the CLI shares some of its files

    return format_decimal(count, locale=language)


def signed(number: float, language: str) -> str:
    """With its sign, and one digit behind the comma."""
    from babel.numbers import format_decimal

    return format_decimal(number, format="+0.0;\N{MINUS SIGN}0.0", locale=language)


def weekdays(language: str) -> tuple[tuple[str, str], ...]:
    """The days from Monday on: the whole name, and its short form."""
    from babel.dates import get_day_names

    whole = get_day_names("wide", "stand-alone", locale=language)
    short = get_day_names("abbreviated", "stand-alone", locale=language)
    return tuple((whole[day], short[day]) for day in range(7))

"""Which of the numbered choices a customer means: by a number in any script, as an emoji, or by its word. Pure.

`quotes.py` asks for the answers to a question that went out as numbered lines.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

AROUND = " \t\n.,;:!)(][#№*_\"'“”«»"
KEYCAP = "\ufe0f\u20e3"
LONGEST = 100  # characters, with what people write around a number
# Portuguese has no "um" here: written alone it is what English speakers hesitate with.
WORDS = {
    word: number
    for words in (
        "one two three four five six seven eight nine ten",
        "eins zwei drei vier fünf sechs sieben acht neun zehn",
        "un deux trois quatre cinq six sept huit neuf dix",
        "uno dos tres cuatro cinco seis siete ocho nueve diez",
        "_ dois três quatro cinco seis sete oito nove dez",
        "uno due tre quattro cinque sei sette otto nove dieci",
        "een twee drie vier vijf zes zeven acht negen tien",
    )
    for number, word in enumerate(words.split(), 1)
    if word != "_"
}


def number_in(text: str) -> int | None:
    """The number that the text is, and nothing else; None where it is more or something else."""
    if len(text.strip()) > LONGEST:
        return None
    said = _bare(text.strip())
    if said.isdecimal() and len(said) < 3:
        return int(said)
    return WORDS.get(said)


def chosen(text: str, choices: Sequence[str]) -> str:
    """The choice that is meant by its number; empty where it is none, or is named by its own words."""
    number = number_in(text)
    if number is None or not 0 < number <= len(choices) or _bare(text) in map(_bare, choices):
        return ""
    return str(choices[number - 1])


def _bare(text: str) -> str:
    """In plain digits and small letters, without what people write around a number."""
    return unicodedata.normalize("NFKC", text).strip(AROUND + KEYCAP).casefold()

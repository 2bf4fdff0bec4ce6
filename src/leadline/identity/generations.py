"""What tells a father and a son of one name apart in the name: Jr., Sr., III. `resemblance.py` asks. Pure."""

from __future__ import annotations

ORDER = {
    **dict.fromkeys(("snr", "senior", "pere", "pai"), 1),
    **dict.fromkeys(("jr", "jnr", "junior", "ii", "fils", "filho", "hijo"), 2),
    **dict.fromkeys(("iii", "neto"), 3),
    "iv": 4,
}
"""Word of a name → which of several of that name is meant, the oldest first. Only one of them may be called so."""


def generation(found: tuple[str, ...]) -> int:
    """Which one a name of these words means; 0 where that is not said. Alone such a word is a given name."""
    numbers = {ORDER[word] for word in found if word in ORDER}
    return numbers.pop() if len(numbers) == 1 and len(found) > 1 else 0


def without(found: tuple[str, ...]) -> tuple[str, ...]:
    """The other words of the name."""
    return tuple(word for word in found if word not in ORDER) or found

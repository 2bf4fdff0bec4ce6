"""Whether a secret can be guessed. Asked for the secret key, and for what an operator chooses for a channel."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

DISTINCT = 8  # letters; 32 random hexadecimal digits have fewer about once in four million
PUBLIC = ("only-for-playing", "changeme", "made-up", "password", "0123456789abcdef")


def weakness(secret: str, *, length: int) -> str:
    """What is wrong with a secret, as the end of a sentence that begins with its name; empty for a good one."""
    if len(secret) < length:
        return f"is too short: it takes {length} random characters or more"
    if any(word in secret.lower() for word in PUBLIC):
        return "is known to everybody"
    if len(set(secret)) < min(DISTINCT, length // 2) or _repeats(secret):
        return "can be guessed: it repeats itself"
    steps = Counter(ord(after) - ord(before) for before, after in pairwise(secret))
    return "can be guessed: it only counts" if steps.most_common(1)[0][1] > len(secret) * 0.8 else ""


def _repeats(secret: str) -> bool:
    """Whether it is one short text again and again."""
    return secret in (secret + secret)[1:-1]

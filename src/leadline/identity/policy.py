"""What an operator chose: who wins when several contacts fit, and when a phone number stops being proof."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

from leadline.errors import SettingError
from leadline.model import Struct

DAY = 86400.0
Tie = Literal["latest_updated", "name_then_latest", "prefer_user", "prefer_lead", "ask"]
TIES: tuple[Tie, ...] = get_args(Tie)


class Policy(Struct, frozen=True, kw_only=True):
    """The rules of one workspace.

    tie: which contact wins when several have the phone. region: ISO country of phones stored without country code.
    shared_limit: a phone on more contacts than this is nobody's own. recycled_after: seconds of silence after which a
    known phone with a new profile name is taken for a new owner; None: never.
    blocked: numbers that identify nobody (switchboards, test phones), as line keys; `numbers` makes them.
    """

    tie: Tie = "latest_updated"
    shared_limit: int = 10
    recycled_after: float | None = None
    blocked: frozenset[str] = frozenset()
    region: str = ""


def parse(name: str) -> Policy:
    """The policy of that name; raises SettingError with the names there are."""
    wanted = name.strip().lower().replace("-", "_")
    for tie in TIES:
        if tie == wanted:
            return Policy(tie=tie)
    raise SettingError(f"'{name}' is not a policy. It is one of these: {', '.join(TIES)}")


def numbers(texts: Iterable[str], *, region: str = "") -> frozenset[str]:
    """Phones in any spelling as line keys, for `Policy.blocked`; raises SettingError naming the first that is none."""
    written = list(texts)
    if not written:
        return frozenset()
    from leadline.identity.phone import canonical  # slow to import, and most commands need no phones
    from leadline.identity.variants import line_key

    found = set()
    for text in written:
        number = canonical(text, region=region)
        if number is None:
            raise SettingError(
                f"blocked_numbers: '{text}' is not a phone number. Write it with its country code, like +353888888999."
            )
        found.add(line_key(number))
    return frozenset(found)

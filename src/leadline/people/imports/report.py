"""What came of an import, for people: counts by channel, what was left and why, and all of it as CSV. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from leadline.identity.claims import LEFT
from leadline.identity.spreadsheet import cell
from leadline.identity.words import address
from leadline.model import Struct
from leadline.people.imports.record import Count, Left

HEAD = ("contact", "attribute", "value", "address", "channel", "what became of it", "other contact")


class Line(Struct, frozen=True, kw_only=True):
    """One channel: addresses that are linked by the import or would be, were linked already, and were left."""

    channel: str
    linked: int
    already: int
    left: int


def lines(counts: Sequence[Count]) -> list[Line]:
    """A line for each channel."""
    channels = sorted({one.channel for one in counts})
    return [
        Line(
            channel=channel,
            linked=_sum(counts, channel, {"linked"}),
            already=_sum(counts, channel, {"already"}),
            left=_sum(counts, channel, LEFT.keys()),
        )
        for channel in channels
    ]


def _sum(counts: Sequence[Count], channel: str, outcomes: Iterable[str]) -> int:
    wanted = {*outcomes}
    return sum(one.count for one in counts if one.channel == channel and one.outcome in wanted)


def reasons(counts: Sequence[Count]) -> dict[str, int]:
    """How many were left for each reason, the most first."""
    found = {code: sum(one.count for one in counts if one.outcome == code) for code in LEFT}
    return dict(sorted(((code, count) for code, count in found.items() if count), key=lambda one: -one[1]))


def sentence(one: Left) -> str:
    """One that was left, and why."""
    what = address(one.handle) if one.handle else f"'{one.value}' in {one.attribute}" if one.value else one.attribute
    other = f" ({one.other_id})" if one.other_id else ""
    return f"{what} of contact {one.contact_id} {LEFT[one.outcome]}{other}"


def row(one: Left, *, applied: bool) -> tuple[str, ...]:
    """One row of the CSV file, below HEAD."""
    became = {"linked": "linked" if applied else "would be linked", "already": "is linked already", "undone": "undone"}
    values = (
        one.contact_id,
        one.attribute,
        one.value,
        one.handle,
        one.channel,
        became.get(one.outcome) or LEFT[one.outcome],
        one.other_id,
    )
    return tuple(map(cell, values))

"""Messages that came in several parts: the first one leads, waits for the others, and is delivered as all of them.

`receive.py` asks it for the whole message. Parts are claimed in one transaction before delivery, so that no crash
loses or doubles one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from leadline.engine.lanes import Arrival
from leadline.errors import Waiting
from leadline.model import Attachment, Inbound, Piece
from leadline.store.database import Database
from leadline.store.queries import queries

LOOK = 1.0  # seconds between looks for parts that are missing
SAME_GROUP = 3600.0  # seconds in which a group's name means the same message; providers use short ones again


class Joining:
    """Finds the parts of a message in its lane."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def complete(self, arrival: Arrival, message: Inbound, piece: Piece) -> Inbound:
        """The message with all its parts; with those that are there when the wait is over; a late part alone.

        Raises Waiting while parts may still come: the lane of this sender waits, all others go on.
        """
        key = {"workspace_id": arrival.workspace_id, "arrival_id": arrival.arrival_id}
        async with self._database.connection() as connection:
            if claimed := [row async for row in queries.claimed_pieces(connection, **key)]:
                return joined(_messages(claimed))
            if await queries.group_was_delivered(connection, **key, within=SAME_GROUP):
                return late(message, piece)
            rows = [row async for row in queries.waiting_pieces(connection, **key, within=SAME_GROUP)]
            if pause := _pause(rows, piece):
                raise Waiting("parts_missing", f"{len(rows)} of {piece.total or 'several'} parts are there", pause)
            await queries.claim_pieces(connection, **key, arrival_ids=[row["arrival_id"] for row in rows])
        return joined(_messages(rows))


def joined(parts: Sequence[Inbound]) -> Inbound:
    """One message of its parts: SMS texts without a gap, captions of an album on lines of their own, files in order."""
    numbered: dict[int, Inbound] = {}
    for part in parts:
        numbered.setdefault(_piece(part).number, part)
    total = _piece(parts[0]).total
    in_order = [numbered[number] for number in sorted(numbered)]
    texts = [part.text for part in in_order if part.text]
    if total:
        texts = ["".join(_text(numbered, number, total) for number in range(1, total + 1))]
    files: tuple[Attachment, ...] = tuple(file for part in in_order for file in part.attachments)
    reference = next((part.reply_ref for part in reversed(parts) if part.reply_ref), "")
    quote = next((part.quote for part in in_order if part.quote), None)
    return msgspec.structs.replace(parts[0], text="\n".join(texts), attachments=files, reply_ref=reference, quote=quote)


def late(message: Inbound, piece: Piece) -> Inbound:
    """A part whose message is delivered already."""
    mark = f"[part {piece.number} of {piece.total}, late] " if piece.total else ""
    return msgspec.structs.replace(message, text=f"{mark}{message.text}")


def _text(numbered: Mapping[int, Inbound], number: int, total: int) -> str:
    part = numbered.get(number)
    return part.text if part else f" [part {number} of {total} did not arrive] "


def _pause(rows: Sequence[Mapping[str, Any]], piece: Piece) -> float:
    """Seconds until the next look; 0 when everything is there or was waited for long enough."""
    numbers = {_piece(message).number for message in _messages(rows)}
    if piece.total and len(numbers) >= piece.total:
        return 0.0
    since_the_latest: float = min(row["waited"] for row in rows)
    return min(LOOK, max(0.0, piece.wait - since_the_latest))


def _messages(rows: Sequence[Mapping[str, Any]]) -> list[Inbound]:
    return [msgspec.convert(row["content"], Inbound) for row in rows]


def _piece(message: Inbound) -> Piece:
    return message.piece or Piece(group="", number=1)

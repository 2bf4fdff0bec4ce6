"""A message that no customer asked for, as it waits in its lane: begun by a teammate, another system or the channel.

`proactive.py` keeps it and sees it sent; the API keeps it within its own commit.
"""

from __future__ import annotations

import msgspec

from leadline.engine.arrival import NewArrival, Raw
from leadline.model import Struct, TemplateUse
from leadline.outbound.outbox import Target


class Begun(Struct, frozen=True, kw_only=True):
    """A message that a teammate began, as it waits in its lane. `opened`: its conversation shows it already.

    name: what the customer is called, for whoever is nobody's contact yet.
    """

    target: Target
    part_id: str
    text: str
    template: TemplateUse | None = None
    author: str = ""
    author_id: str = ""
    name: str = ""
    opened: bool = False


def parcel(begun: Begun, kind: str = "begun") -> tuple[Raw, list[NewArrival]]:
    """A message that was begun, as `Keeper` keeps it. kind: `opening` where a conversation is to be opened first."""
    target, content = begun.target, msgspec.json.encode(begun)
    arrival = NewArrival(
        source="leadline",
        dedupe=begun.part_id if kind == "begun" else f"{begun.part_id}:{kind}",
        kind=kind,
        lane=lane(begun),
        content=content.decode(),
        channel_id=target.channel_id,
    )
    raw = Raw(channel_id=target.channel_id, method="LEADLINE", url=begun.part_id, headers={}, body=content)
    return raw, [arrival]


def lane(begun: Begun) -> str:
    """That of its conversation; without one that of the address it goes to."""
    target = begun.target
    return f"conversation:{target.conversation_id}" if target.conversation_id else f"begun:{target.handle}"

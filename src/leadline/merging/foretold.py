"""What a merge moves and what its undo brings back, in sentences, before either is done. Panel and console show it."""

from __future__ import annotations

from leadline.identity.merge import Option
from leadline.identity.words import address, counted
from leadline.merging.records import MergeRecord

REBUILT = (
    "Leadline creates a new lead from its copy of the old one. Messages from its addresses go there again, and its "
    "tags and notes come back.",
    "Conversations that moved stay where they are: Intercom does not move them back.",
)
EXACT = ("Everything goes back to how it was, because nothing was changed in Intercom.",)


def undo_foretold(record: MergeRecord) -> tuple[str, ...]:
    """What comes back, and what cannot."""
    return EXACT if record.way == "reroute" or record.state == "planned" else REBUILT


def moves_foretold(option: Option, target: str) -> list[str]:
    """What goes to the contact of this name."""
    moves = option.moves
    found = []
    if moves.conversations:
        found.append(counted(len(moves.conversations), "conversation"))
    if moves.notes:
        found.append(counted(moves.notes, "note"))
    if moves.refusals:
        found.append(f"{target} will not get either: {', '.join(moves.refusals)}")
    if moves.tags:
        found.append(f"Tags: {', '.join(moves.tags)}")
    if moves.companies:
        found.append(f"Companies: {', '.join(moves.companies)}")
    return found + [f"New messages from {address(handle)} go to {target}" for handle in moves.handles]


def title_of(record: MergeRecord) -> str:
    """A merge as a line of a list."""
    source, target = record.from_name or record.from_id, record.into_name or record.into_id
    if record.way == "reroute":
        return f"Messages from {source} go to {target}"
    return f"Merged {source} into {target}"

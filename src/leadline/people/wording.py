"""Corrections in words. The panel and the console list them so."""

from __future__ import annotations

from leadline.identity.words import address, addresses
from leadline.people.corrections import Correction


def title_of(one: Correction, contact_id: str = "") -> str:
    """What was corrected, in a line of a list; contact_id: whose list it is."""
    where = address(one.handle)
    titles = {
        "detach": f"{where} is not this person",
        "attach": f"{where} was linked to {'this' if one.into_id == contact_id else 'another'} contact",
        "share": f"{where} is used by several people",
        "unshare": f"{where} is used by one person",
        "undo": f"A correction of {where} was undone",
    }
    if one.kind == "attach" and one.from_id == one.into_id:
        return f"{where} was confirmed"
    return titles[one.kind]


def outcome_of(one: Correction) -> str:
    """What a correction did, said to whoever just made it."""
    who = addresses(one.handles)
    return {
        "detach": f"{who} no longer belongs to this contact. The next message creates a new lead.",
        "attach": f"Messages from {who} go to this contact from now on.",
        "share": f"{who} is marked as used by several people, so it identifies nobody.",
        "unshare": f"{who} is marked as used by one person again.",
        "undo": f"{who} is back where it was.",
    }[one.kind]

"""Which teammate may do what in the panel. `desk.py` asks before anything that changes something."""

from __future__ import annotations

from collections.abc import Mapping

from leadline.errors import LeadlineError
from leadline.intercom.inbox_requests import PanelRequest

SENDS = {"write", "to", "templates", "wanted", "template", "send", "send_open"}
MERGES = {"merge", "way", "take", "keep_lost", "more", "join"}
CORRECTS = {"approve", "detach", "attach", "uncorrect"}
CONFIRMS = {"preview": "merge", "join": "merge", "detach": "correct", "attach": "correct"}
WORDS = {
    "merge": "merge contacts",
    "undo": "undo merges",
    "correct": "change which contact a sender belongs to",
    "send": "begin messages and send templates",
}


class NotAllowed(LeadlineError):
    """This teammate may not do this; the text is for them."""


def check(request: PanelRequest, rights: Mapping[str, frozenset[str]]) -> None:
    """Raise NotAllowed where the teammate may not do what they pressed.

    rights: the ids of the teammates who may, by act: `merge`, `undo`, `correct`, `send`. Without ids everybody may.
    """
    act = needed(request)
    allowed = rights.get(act, frozenset())
    if act and allowed and request.admin_id not in allowed:
        raise NotAllowed(
            f"You may not {WORDS[act]} here. Ask a colleague who may, or whoever runs Leadline: the setting is "
            f"may_{act}, and your teammate id is {request.admin_id or 'not known'}."
        )


def needed(request: PanelRequest) -> str:
    """The act a press belongs to; empty where it only shows something."""
    name = request.component_id.partition(":")[0]
    if name == "undo":
        return "undo"
    if name == "confirm":
        screen = request.kept("screen")
        if screen == "undo":
            return "undo" if request.kept("undo").startswith("undo:") else "correct"
        return CONFIRMS.get(screen, "")
    acts = {"send": SENDS, "merge": MERGES, "correct": CORRECTS}
    return next((act for act, names in acts.items() if name in names), "")

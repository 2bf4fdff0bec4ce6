"""Which teammate may do what in the panel. `desk.py` asks before anything that changes something."""

from __future__ import annotations

from collections.abc import Mapping

from leadline.errors import LeadlineError
from leadline.intercom.inbox_requests import PanelRequest
from leadline.panel.roster import Roster, Rosters

SENDS = {"write", "to", "templates", "wanted", "template", "look", "send", "send_open"}
MERGES = {"merge", "way", "take", "keep_lost", "more", "join"}
CORRECTS = {"approve", "detach", "attach", "uncorrect"}
CONFIRMS = {"preview": "merge", "join": "merge", "detach": "correct", "attach": "correct"}
WORDS = {
    "merge": "merge contacts",
    "undo": "undo merges",
    "correct": "change which contact a sender belongs to",
    "send": "begin messages and send templates",
}
Rights = Mapping[str, frozenset[str]]
"""Those who may do each act (`merge`, `undo`, `correct`, `send`): teammates by their id, teams as `team:<id>`. An act
for which nobody is named is open to everybody."""
TEAM = "team:"
NAMED = 5  # of those who may, in the refusal


class NotAllowed(LeadlineError):
    """This teammate may not do this; the text is for them."""


async def check(request: PanelRequest, rights: Rights, rosters: Rosters) -> None:
    """Raise NotAllowed where the teammate may not do this, LeadlineError where Intercom cannot be asked."""
    act = needed(request)
    allowed = rights.get(act, frozenset())
    if not act or not allowed or request.admin_id in allowed:
        return
    roster = await rosters.of(request.workspace_id)
    teams = [roster.teams[each] for each in _teams(allowed) if each in roster.teams]
    if not any(request.admin_id in team.admin_ids for team in teams):
        raise NotAllowed(
            f"You may not {WORDS[act]} here. {_who(allowed, roster)} The people who run Leadline can change that with "
            f"the setting may_{act}; your teammate id is {request.admin_id or 'not known'}."
        )


def _teams(allowed: frozenset[str]) -> list[str]:
    return sorted(each.removeprefix(TEAM) for each in allowed if each.startswith(TEAM))


def _who(allowed: frozenset[str], roster: Roster) -> str:
    """A sentence that names those who may: people first, then teams, and how many more."""
    people = sorted(roster.names[each] for each in allowed if roster.names.get(each))
    teams = sorted(f"the team {roster.teams[each].name}" for each in _teams(allowed) if each in roster.teams)
    named = [*people, *teams]
    if not named:
        return "Nobody who may do it is in this workspace any more."
    more = len(named) - NAMED
    shown = [*named[:NAMED], *([f"{more} more"] if more > 0 else [])]
    return f"Ask {' or '.join(filter(None, (', '.join(shown[:-1]), shown[-1])))}."


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

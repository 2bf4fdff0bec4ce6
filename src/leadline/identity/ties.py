"""Who wins when several contacts fit: the policy's choice, with its reason. `decide.py` asks. Pure."""

from __future__ import annotations

from leadline.identity.policy import Policy
from leadline.identity.resemblance import likeness
from leadline.model import Candidate, Reason, Role


def settled(
    found: tuple[Candidate, ...], policy: Policy, single: str, detail: str, name: str
) -> tuple[Candidate | None, Reason]:
    """The winner among contacts that all fit, and why; no winner where an agent is to be asked.

    name: of the sender's profile; empty where the channel tells none.
    """
    if len(found) == 1:
        return found[0], Reason(single, detail)
    count = f"{len(found)} contacts"
    match policy.tie:
        case "name_then_latest":
            namesakes = [one for one in found if likeness(one.name, name) == "same_name"]
            if len(namesakes) == 1:
                return namesakes[0], Reason("tie_name", name)
            return (namesakes or found)[0], Reason("tie_latest_updated", count)
        case "prefer_user":
            return _first(found, Role.USER), Reason("tie_prefer_user", count)
        case "prefer_lead":
            return _first(found, Role.LEAD), Reason("tie_prefer_lead", count)
        case "ask":
            return None, Reason("ask_agent", count)
        case "latest_updated":
            return found[0], Reason("tie_latest_updated", count)


def _first(found: tuple[Candidate, ...], role: Role) -> Candidate:
    return next((one for one in found if one.role is role), found[0])

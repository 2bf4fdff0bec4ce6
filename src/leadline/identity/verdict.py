"""What follows from a decision: whether a machine may act on it, its sentences, the links it makes and their doubts.

Pure. `people/whose.py` and `people/record.py` act on it; panel, console and CLI show it.
"""

from __future__ import annotations

from leadline.errors import Park
from leadline.identity import reasons
from leadline.model import Decision

EVIDENCE_KINDS = {
    "known_link": "known_link",
    "changed_number": "attested",
    "attested_phone": "attested",
    "exact_handle": "exact",
    "unique_phone": "phone",
    "tie_latest_updated": "phone",
    "tie_name": "phone",
    "tie_prefer_user": "phone",
    "tie_prefer_lead": "phone",
    "attribute_match": "attribute",
}
DOUBTS = {
    "tie_latest_updated", "tie_prefer_user", "tie_prefer_lead", "ask_agent", "shared_number", "recycled_number",
    "handle_conflict", "long_silence", "name_differs", "name_changed", "account_changed", "points_elsewhere",
    "unconfirmed_link", "phone_left",
}  # fmt: skip
"""Reasons that a person should look at. A decision that has one is doubtful."""


def enforce(decision: Decision) -> Decision:
    """The decision, if a machine may act on it; raises Park('handle_conflict') if a person must."""
    if decision.code == "handle_conflict":
        raise Park(
            "handle_conflict",
            " ".join(explain(decision))
            + " Say whose it is with `leadline link attach <address> <contact>`, then retry the message.",
        )
    return decision


def explain(decision: Decision) -> list[str]:
    """The reasons as sentences for people, the one that settled it first."""
    names = {one.contact_id: one.name for one in decision.candidates}
    return [reasons.sentence(reason, names) for reason in decision.reasons]


def link_evidence(decision: Decision) -> str:
    """The `Link.evidence` to record for handles this decision links; `created` for a new lead."""
    return EVIDENCE_KINDS.get(decision.code, "created")


def doubt(decision: Decision) -> str:
    """The doubt that links of this decision keep until somebody confirms them, as `Link.doubt`."""
    codes = [reason.detail if reason.code == "unconfirmed_link" else reason.code for reason in decision.reasons]
    kept = (code for text in codes for code in text.split(",") if code in DOUBTS)
    return ",".join(dict.fromkeys(kept)) if decision.doubtful else ""

"""What another policy would have chosen, from the evidence on record. `leadline explain` and `replay` show it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from leadline.identity.decide import decide
from leadline.identity.evidence import Evidence, Link
from leadline.identity.handles import name
from leadline.identity.policy import TIES, Policy, Tie
from leadline.model import Decision, Struct

NOBODY = {"new_lead", "own_lead", "ask_agent", "blocked_number", "shared_number", "recycled_number", "handle_conflict"}
"""Codes of decisions that choose no contact, so that a lead is made."""


class Decided(Struct, frozen=True, kw_only=True):
    """One message as it was decided. `decision.contact_id` is the contact it went to, also one newly made for it."""

    arrival_id: int
    evidence: Evidence
    decision: Decision

    @property
    def chosen(self) -> str | None:
        """The contact that was chosen, None where a lead was made."""
        return None if self.decision.code in NOBODY else self.decision.contact_id


class Difference(Struct, frozen=True, kw_only=True):
    """A message that another policy would have put elsewhere. would: None means on a lead made for it.

    handles: the sender's addresses as links name them. was: the contact it went to.
    """

    arrival_id: int
    handles: tuple[str, ...]
    was: str | None
    was_code: str
    would: str | None
    would_code: str


def otherwise(evidence: Evidence, policy: Policy) -> Mapping[Tie, Decision]:
    """What each policy but this one chooses for the same evidence; limits and lists stay the same."""
    ties = (tie for tie in TIES if tie != policy.tie)
    return {tie: decide(evidence, msgspec.structs.replace(policy, tie=tie)) for tie in ties}


def redecide(messages: Iterable[Decided], policy: Policy) -> list[Difference]:
    """The messages, oldest first, that `policy` would have put elsewhere.

    A sender whom it would have given to somebody else stays there: his later messages, which went to the contact they
    were linked to, are counted as well. What people corrected meanwhile is left as it is.
    """
    moved: dict[str, tuple[str | None, str | None]] = {}
    found = []
    for message in messages:
        handles = tuple(dict.fromkeys(map(name, message.evidence.handles)))
        evidence, lead = _carried(message.evidence, moved)
        decision = decide(evidence, policy)
        would = None if lead else decision.contact_id
        if would == message.chosen and not lead:
            for handle in handles:
                moved.pop(handle, None)
            continue
        for handle in handles:
            moved[handle] = (message.decision.contact_id, would)
        found.append(
            Difference(
                arrival_id=message.arrival_id,
                handles=handles,
                was=message.decision.contact_id,
                was_code=message.decision.code,
                would=would,
                would_code=decision.code,
            )
        )
    return found


def _carried(evidence: Evidence, moved: Mapping[str, tuple[str | None, str | None]]) -> tuple[Evidence, bool]:
    """The evidence with links as the other policy would have made them; True when that is a lead never made."""
    links: list[Link] = []
    lead = False
    for link in evidence.links:
        was, would = moved.get(name(link.handle), (None, None))
        if was == link.contact_id and would is None:
            lead = True
        links.append(msgspec.structs.replace(link, contact_id=would) if was == link.contact_id and would else link)
    return msgspec.structs.replace(evidence, links=tuple(links)), lead

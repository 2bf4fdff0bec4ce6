"""Replaying decisions: what another policy changes, for how long, and where it leaves people's word alone."""

from __future__ import annotations

import msgspec

from leadline.identity.decide import decide
from leadline.identity.evidence import Evidence, Link
from leadline.identity.policy import Policy
from leadline.identity.redecide import Decided, otherwise, redecide
from leadline.model import Candidate, Handle, Role

PHONE = Handle("tel", "+353888888999")
USER = Candidate(contact_id="user", role=Role.USER, updated_at=1)
LEAD = Candidate(contact_id="lead", role=Role.LEAD, updated_at=2)
TIE = Evidence(handles=(PHONE,), candidates=(USER, LEAD))


def decided(number: int, evidence: Evidence, policy: Policy = Policy(), made: str = "") -> Decided:  # noqa: B008
    decision = decide(evidence, policy)
    recorded = msgspec.structs.replace(decision, contact_id=decision.contact_id or made)
    return Decided(arrival_id=number, evidence=evidence, decision=recorded)


def linked(contact_id: str, evidence: str = "phone") -> Evidence:
    return Evidence(handles=(PHONE,), links=(Link(handle=PHONE, contact_id=contact_id, evidence=evidence),))


def told(messages: list[Decided], policy: Policy) -> list[tuple[int, str | None, str | None]]:
    return [(one.arrival_id, one.was, one.would) for one in redecide(messages, policy)]


def test_a_tie_settled_otherwise_carries_over_to_the_senders_later_messages() -> None:
    messages = [decided(1, TIE), decided(2, linked("lead")), decided(3, linked("lead"))]
    assert told(messages, Policy(tie="prefer_user")) == [(1, "lead", "user"), (2, "lead", "user"), (3, "lead", "user")]
    assert told(messages, Policy(tie="prefer_lead")) == []
    assert told(messages, Policy()) == []


def test_a_policy_that_asks_would_have_made_one_lead_for_all_of_them() -> None:
    messages = [decided(1, TIE), decided(2, linked("lead"))]
    assert told(messages, Policy(tie="ask")) == [(1, "lead", None), (2, "lead", None)]
    asked = [decided(1, TIE, Policy(tie="ask"), made="new"), decided(2, linked("new", "created"))]
    assert told(asked, Policy(tie="ask")) == []
    assert told(asked, Policy()) == [(1, "new", "lead"), (2, "new", "lead")]


def test_what_people_corrected_stays_corrected() -> None:
    messages = [decided(1, TIE), decided(2, linked("third", "operator")), decided(3, linked("third", "operator"))]
    assert told(messages, Policy(tie="prefer_user")) == [(1, "lead", "user")]


def test_senders_do_not_mix() -> None:
    other = Handle("tel", "+353861234567")
    alone = Evidence(handles=(other,), candidates=(USER,))
    assert told([decided(1, TIE), decided(2, alone)], Policy(tie="prefer_user")) == [(1, "lead", "user")]


def test_every_other_policy_says_what_it_would_have_chosen() -> None:
    chosen = {tie: (one.contact_id, one.code) for tie, one in otherwise(TIE, Policy()).items()}
    assert chosen == {
        "name_then_latest": ("lead", "tie_latest_updated"),
        "prefer_user": ("user", "tie_prefer_user"),
        "prefer_lead": ("lead", "tie_prefer_lead"),
        "ask": (None, "ask_agent"),
    }

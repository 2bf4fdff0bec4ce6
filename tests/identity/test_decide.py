"""Decisions: every file in decisions/, and what holds for every evidence: total, ordered by nothing, explained."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from itertools import combinations, permutations, product
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadline.errors import Park
from leadline.identity.decide import decide
from leadline.identity.evidence import Evidence, Link
from leadline.identity.policy import TIES, Policy
from leadline.identity.reasons import SENTENCES
from leadline.identity.verdict import enforce, explain, link_evidence
from leadline.model import Candidate, Decision, Handle, Role

T = TypeVar("T")
FILES = sorted((Path(__file__).parent / "decisions").glob("*.json"))
NOBODY = {"new_lead", "own_lead", "ask_agent", "blocked_number", "shared_number", "recycled_number", "handle_conflict"}


def read(file: Path) -> tuple[Evidence, Policy, dict[str, Any]]:
    """One case file as values; handles are written in their text form there."""
    case = json.loads(file.read_text("utf-8"))
    evidence = case["evidence"]
    for field in ("handles", "former", "attested", "shown"):
        evidence[field] = [msgspec.to_builtins(Handle.parse(text)) for text in evidence.get(field, ())]
    for link in evidence.get("links", ()):
        link["handle"] = msgspec.to_builtins(Handle.parse(link["handle"]))
    return msgspec.convert(evidence, Evidence), msgspec.convert(case.get("policy", {}), Policy), case["expect"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_decision_files(file: Path) -> None:
    evidence, policy, expect = read(file)
    decision = decide(evidence, policy)
    assert decision.contact_id == expect["contact_id"]
    assert [reason.code for reason in decision.reasons] == expect["reasons"]
    assert decision.doubtful is expect["doubtful"]
    assert decision.policy == policy.tie
    if "candidates" in expect:
        assert [one.contact_id for one in decision.candidates] == expect["candidates"]


def test_there_are_enough_files_and_every_reason_is_in_one() -> None:
    assert len(FILES) >= 110
    reasons = {code for file in FILES for code in read(file)[2]["reasons"]}
    assert reasons == set(SENTENCES)


IDS = ("a", "b", "c", "d")
HANDLES = (
    Handle("tel", "+353888888999"),
    Handle("whatsapp", "US.1", "w"),
    Handle("telegram", "7", "t"),
    Handle("tel", "broken"),
)
NAMES = ("", "Ana", "Ben", "🌸")
TIMES = (0, 1, 500, 1000)
EXTERNAL_IDS = ("", "crm", "leadline:tel:+353888888999", "leadline:telegram:t/7")
DOUBTS = ("", "tie_latest_updated", "ask_agent,name_differs", "phone_left")


def one_of_all(kind: Callable[..., T], **fields: Sequence[object]) -> st.SearchStrategy[T]:
    """Any of all values with these fields, made once: one draw for each instead of one for every field."""
    made = [kind(**dict(zip(fields, values, strict=True))) for values in product(*fields.values())]
    return st.sampled_from(made)


CANDIDATES = one_of_all(
    Candidate, contact_id=IDS, role=[*Role], name=NAMES, external_id=EXTERNAL_IDS, updated_at=TIMES, last_seen_at=TIMES
)
LINKS = one_of_all(
    Link, handle=HANDLES, contact_id=IDS, evidence=("phone", "operator", "created"), at=TIMES, doubt=DOUBTS
)
BASES = one_of_all(
    Evidence,
    handles=[group for count in range(4) for group in permutations(HANDLES, count)],
    profile_name=NAMES,
    previous_name=NAMES,
    last_seen_at=(None, *TIMES),
    now=(1001.0,),
    shared_flag=(False, True),
    own_lead=(False, True),
    account_changed=(False, True),
)
EVIDENCE = st.builds(
    msgspec.structs.replace,
    BASES,
    former=st.sampled_from([(), *((handle,) for handle in HANDLES)]),
    attested=st.sampled_from([(), *((handle,) for handle in HANDLES)]),
    shown=st.sampled_from([(), *((handle,) for handle in HANDLES)]),
    departed=st.sampled_from([frozenset(few) for count in range(2) for few in combinations(IDS, count)]),
    links=st.lists(LINKS, max_size=3).map(tuple),
    candidates=st.lists(CANDIDATES, max_size=5).map(tuple),
    attribute_hits=st.lists(CANDIDATES, max_size=3).map(tuple),
    excluded=st.sampled_from([frozenset(few) for count in range(3) for few in combinations(IDS, count)]),
)
POLICIES = one_of_all(
    Policy,
    tie=TIES,
    shared_limit=range(6),
    recycled_after=(None, 400.0),
    blocked=[frozenset(), frozenset({"+353888888999"})],
)


@given(evidence=EVIDENCE, policy=POLICIES, seed=st.integers())
@settings(max_examples=4 * settings().max_examples)
def test_the_order_of_evidence_changes_nothing(evidence: Evidence, policy: Policy, seed: int) -> None:
    shuffle = random.Random(seed)
    fields = ("handles", "former", "attested", "links", "candidates", "attribute_hits")
    mixed = {name: tuple(shuffle.sample(getattr(evidence, name), len(getattr(evidence, name)))) for name in fields}
    assert decide(msgspec.structs.replace(evidence, **mixed), policy) == decide(evidence, policy)


@given(evidence=EVIDENCE, policy=POLICIES)
@settings(max_examples=4 * settings().max_examples)
def test_every_decision_holds_together(evidence: Evidence, policy: Policy) -> None:
    decision = decide(evidence, policy)
    links = {link.contact_id for link in evidence.links}
    found = {one.contact_id for one in (*evidence.candidates, *evidence.attribute_hits)}
    assert decision.contact_id not in evidence.excluded
    assert decision.contact_id is None or decision.contact_id in links | found
    assert (decision.code in NOBODY) == (decision.contact_id is None)
    assert {one.contact_id for one in decision.candidates} == found
    assert len(decision.candidates) == len(found)
    assert len(explain(decision)) == len(decision.reasons)
    assert {reason.code for reason in decision.reasons} <= set(SENTENCES)


@given(evidence=EVIDENCE, policy=POLICIES)
@settings(max_examples=2 * settings().max_examples)
def test_what_is_not_certain_is_doubtful(evidence: Evidence, policy: Policy) -> None:
    decision = decide(evidence, policy)
    codes = {reason.code for reason in decision.reasons}
    unsure = {code for code in codes - {"tie_name"} if code.startswith("tie_")} | codes & {
        "ask_agent", "shared_number", "recycled_number", "handle_conflict", "long_silence", "name_differs",
        "points_elsewhere", "name_changed", "account_changed", "unconfirmed_link", "phone_left",
    }  # fmt: skip
    assert decision.doubtful is bool(unsure)


@given(evidence=EVIDENCE, contact=st.sampled_from(IDS))
@settings(max_examples=2 * settings().max_examples)
def test_detach_then_attach_comes_back_to_the_same_choice(evidence: Evidence, contact: str) -> None:
    before = decide(evidence, Policy())
    detached = msgspec.structs.replace(evidence, excluded=evidence.excluded | {contact})
    attached = msgspec.structs.replace(detached, excluded=evidence.excluded)
    assert decide(detached, Policy()).contact_id != contact
    assert decide(attached, Policy()) == before


def conflict() -> Decision:
    evidence, policy, _ = read(FILES[0].parent / "whatsapp_id_and_phone_on_two_contacts.json")
    return decide(evidence, policy)


def test_a_conflict_parks_with_both_contacts_in_its_text() -> None:
    with pytest.raises(
        Park, match=r"\+353 88 888 8999 belongs to contact b, WhatsApp US.1349 belongs to contact a"
    ) as caught:
        enforce(conflict())
    assert caught.value.reason == "handle_conflict"


def test_any_other_decision_may_be_acted_on() -> None:
    decision = decide(Evidence(handles=(Handle("telegram", "7", "t"),)), Policy())
    assert enforce(decision) is decision


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_decision_names_the_evidence_its_link_is_recorded_with(file: Path) -> None:
    evidence, policy, _ = read(file)
    decision = decide(evidence, policy)
    kind = link_evidence(decision)
    if decision.contact_id is None:
        assert kind == "created"
    elif decision.code in {"changed_number", "attested_phone"}:
        assert kind == "attested"
    elif decision.code == "unique_phone" or decision.code.startswith("tie_"):
        assert kind == "phone"
    else:
        assert kind in {"exact", "attribute", "known_link"}

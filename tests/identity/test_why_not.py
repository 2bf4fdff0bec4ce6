"""Why not this contact: what is stored, how it reads, and the one reason that left it out."""

from __future__ import annotations

import msgspec
import pytest

from leadline.identity.decide import decide
from leadline.identity.evidence import Evidence, Link
from leadline.identity.policy import Policy
from leadline.identity.why_not import why_not
from leadline.model import Candidate, Handle, Role

PHONE = Handle("tel", "+353869984003")
LENA = Candidate(contact_id="lena", role=Role.USER, phone="086 998 4003", updated_at=1)
KARL = Candidate(contact_id="karl", role=Role.USER, phone="+353869984003", updated_at=2)
KNOWN = Link(handle=PHONE, contact_id="karl")
LATEST = Policy()
ALONE = Evidence(handles=(PHONE,), region="IE", now=9.0)


def told(evidence: Evidence, fields: list[str], policy: Policy = LATEST) -> tuple[str, ...]:
    return why_not(LENA, fields, evidence, decide(evidence, policy))


@pytest.mark.parametrize(
    ("field", "region", "words"),
    [
        ("086 998 4003", "IE", "which is +353 86 998 4003, read as a number of IE"),
        ("086 998 4003", "", "without a country code, and no country is known: set default_region"),
        ("+353 86 998 4003 / +353 1 555 0100", "", "+353 86 998 4003 and +353 1 555 0100"),
        ("ask Tom", "", "which Leadline cannot read as a phone number"),
    ],
)
def test_how_a_phone_is_stored_and_read(field: str, region: str, words: str) -> None:
    assert words in told(msgspec.structs.replace(ALONE, region=region), [field])[0]


@pytest.mark.parametrize(
    ("evidence", "fields", "end"),
    [
        ({}, [], "None of its numbers is the sender's, so it was not found."),
        ({}, ["+353869984009"], "None of its numbers is the sender's, so it was not found."),
        ({}, ["086 998 4003"], "or Leadline had not learnt of it yet."),
        ({"candidates": (LENA,)}, ["086 998 4003"], "The message did go to this contact."),
        ({"candidates": (LENA, KARL)}, ["086 998 4003"], "and the contact that was updated last was taken."),
        ({"candidates": (LENA,), "excluded": frozenset({"lena"})}, [], "is not the sender, so it was left out."),
        ({"candidates": (LENA,), "departed": frozenset({"lena"})}, [], "has another number, so it was left out."),
        ({"links": (Link(handle=PHONE, contact_id="karl"),)}, [], "so nobody else was looked for."),
        (
            {"links": (Link(handle=PHONE, contact_id="karl"),), "candidates": (LENA,)},
            [],
            "belonged to another contact.",
        ),
    ],
)
def test_the_reason_that_left_it_out(evidence: dict[str, object], fields: list[str], end: str) -> None:
    assert told(msgspec.structs.replace(ALONE, **evidence), fields)[-1].endswith(end)


def test_a_blocked_number_and_a_policy_that_asks() -> None:
    assert told(ALONE, [], Policy(blocked=frozenset({"+353869984003"})))[-1].endswith("so nobody was looked for.")
    both = msgspec.structs.replace(ALONE, candidates=(LENA, KARL))
    assert "a teammate is to choose" in told(both, [], Policy(tie="ask"))[-1]
    assert "so many contacts" in told(both, [], Policy(shared_limit=1))[-1]


def test_other_forms_of_the_senders_number_are_named() -> None:
    sender = msgspec.structs.replace(ALONE, handles=(Handle("tel", "+5491166773301"),))
    assert any("+54 11 6677" in sentence for sentence in told(sender, []))

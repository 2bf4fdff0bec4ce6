"""What speaks for a decision stands to the right of what came before, what speaks against it to the left."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from leadline.identity.reasons import SENTENCES
from leadline.identity.verdict import DOUBTS
from leadline.identity.weighing import WEIGHTS, steps
from leadline.model import Candidate, Decision, Reason, Role

ANN = Candidate(contact_id="ann", role=Role.USER, name="Ann Hall")


def decision(*codes: str) -> Decision:
    return Decision(contact_id="ann", reasons=tuple(map(Reason, codes)), policy="ask", candidates=(ANN,))


def test_reasons_come_first_and_a_later_doubt_after_them() -> None:
    told = steps(decision("unique_phone", "name_differs"), "name_differs,phone_left")
    assert [one.weight for one in told] == [2, -2, -2]
    assert [(one.start, one.end) for one in told] == [(0.5, 1.0), (0.5, 1.0), (0.0, 0.5)]
    assert told[2].sentence == f"{SENTENCES['phone_left']}."


def test_contacts_are_named() -> None:
    told = steps(Decision(contact_id="b", reasons=(Reason("points_elsewhere", "ann"),), policy="", candidates=(ANN,)))
    assert told[0].sentence.endswith("Ann Hall (ann).")


def test_another_contact_that_fits_as_well_speaks_against_the_chosen_one() -> None:
    bob = Candidate(contact_id="bob", role=Role.LEAD)
    chosen = Decision(contact_id="ann", reasons=(Reason("tie_latest_updated"),), policy="", candidates=(ANN, bob))
    assert [(one.sentence, one.weight) for one in steps(chosen)][1] == ("1 other contact fits as well.", -1)
    assert len(steps(Decision(contact_id=None, reasons=(Reason("ask_agent"),), policy="", candidates=(ANN, bob)))) == 1


def test_every_doubt_speaks_against_the_contact_or_is_a_choice_among_several() -> None:
    ties = {code for code in DOUBTS if code.startswith("tie_")}
    assert {code for code in DOUBTS if WEIGHTS[code] >= 0} == ties
    assert WEIGHTS.keys() <= SENTENCES.keys()


@given(st.lists(st.sampled_from(sorted(SENTENCES)), min_size=1))
def test_bars_stay_within_the_picture(codes: list[str]) -> None:
    for one in steps(decision(*codes)):
        assert 0.0 <= one.start <= one.end <= 1.0
        assert (one.weight == 0) == (one.start == one.end)

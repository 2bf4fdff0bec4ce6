"""Pairs into groups: transitive, split at contradictions, and what people said holds however far apart it stands."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from leadline.identity.compared import Record
from leadline.merging.duplicates.bulk import Found
from leadline.merging.duplicates.forming import groups_of
from leadline.merging.duplicates.grouping import LARGEST, Edge, Judged, grouped, pair

NOTHING = Judged()


def sets(*edges: Edge, judged: Judged = NOTHING, against: tuple[str, ...] = ()) -> list[str]:
    apart = {pair(*two) for two in against}
    return ["".join(one.members) for one in grouped(edges, judged, lambda one, other: pair(one, other) in apart)]


def said(*, same: str = "", different: str = "", unsure: str = "") -> Judged:
    return Judged(
        **{
            name: frozenset(pair(*two) for two in words.split())
            for name, words in (("same", same), ("different", different), ("unsure", unsure))
        }
    )


def test_what_people_said_holds_after_one_of_them_was_merged_away() -> None:
    judged = said(same="ab", different="bc")
    found = [Found(one="a", other="c", tenths=90, evidence="")]
    everybody = {each: Record(contact_id=each) for each in "abc"}
    [group] = groups_of(found, everybody, judged, ())
    assert set(group.contact_ids) == {"a", "b"}
    without_b = {each: everybody[each] for each in "ac"}
    assert groups_of(found, without_b, judged, ()) == []
    assert len(groups_of(found, without_b, said(same="ab"), ())) == 1


def test_pairs_that_meet_are_one_group_as_strong_as_its_weakest_link() -> None:
    [one, two] = grouped([Edge("a", "b", 90, True), Edge("b", "c", 70, True), Edge("x", "y", 80)], Judged())
    assert (one.members, one.tenths, one.named) == (("x", "y"), 80, False)
    assert (two.members, two.tenths, two.named) == (("a", "b", "c"), 70, True)


def test_a_group_is_split_where_it_holds_a_contradiction_the_weaker_link_gives_way() -> None:
    assert sets(Edge("a", "b", 90), Edge("b", "c", 70), against=("ac",)) == ["ab"]
    assert sets(Edge("a", "b", 70), Edge("b", "c", 90), against=("ac",)) == ["bc"]


def test_not_the_same_keeps_apart_who_is_two_steps_away() -> None:
    edges = Edge("a", "b", 80), Edge("a", "c", 90)
    assert sets(*edges) == ["abc"]
    assert sets(*edges, judged=said(same="ab", different="bc")) == ["ab"]
    assert sets(*edges, Edge("c", "d", 85), judged=said(same="ab", different="bd")) == ["ab", "cd"] or sets(
        *edges, Edge("c", "d", 85), judged=said(same="ab", different="bd")
    ) == ["abc"]


def test_people_called_the_same_are_one_group_whatever_the_weights_say() -> None:
    assert sets(judged=said(same="ab")) == ["ab"]
    assert sets(Edge("b", "c", 70), judged=said(same="ab"), against=("ab", "ac")) == ["ab"]
    [told] = grouped([Edge("b", "c", 70, True)], said(same="ab"))
    assert (told.tenths, told.named) == (70, True)


def test_an_unsure_pair_stays_in_the_queue_and_is_never_merged_unattended() -> None:
    [one] = grouped([Edge("a", "b", 150, True)], said(unsure="ab"))
    assert (one.members, one.named) == (("a", "b"), False)


def test_a_contact_that_may_be_either_of_two_people_is_nobodys_twin() -> None:
    """A lead that says nothing but a phone which a mother and her son have."""
    assert sets(Edge("lead", "ma", 85), Edge("lead", "son", 85), against=()) == ["leadmason"]
    apart = [Edge("l", "m", 85), Edge("l", "s", 85)]
    assert sets(*apart, against=("ms",)) == []
    assert sets(*apart[:1], Edge("l", "s", 95), against=("ms",)) == ["ls"]


def test_a_number_that_hundreds_use_makes_no_group_of_hundreds() -> None:
    names = [f"{number:03}" for number in range(200)]
    made = grouped([Edge(one, other, 70) for one, other in combinations(names, 2)], Judged())
    assert max(len(one.members) for one in made) <= LARGEST


NAMES = st.sampled_from("abcdefgh")
EDGES = st.lists(st.builds(Edge, NAMES, NAMES, st.integers(60, 150), st.booleans()), max_size=16).map(
    lambda found: [edge for edge in found if edge.one != edge.other]
)
PAIRS = st.frozensets(st.tuples(NAMES, NAMES).filter(lambda two: two[0] < two[1]), max_size=4)


@given(EDGES, PAIRS, PAIRS, st.randoms())
def test_no_group_holds_two_whom_people_called_different_in_any_order(
    edges: list[Edge], same: frozenset[tuple[str, str]], different: frozenset[tuple[str, str]], dice: object
) -> None:
    judged = Judged(same=same - different, different=different)
    one_each = [*{pair(edge.one, edge.other): edge for edge in edges}.values()]
    made = grouped(one_each, judged)
    shuffled = [*one_each]
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    assert grouped(shuffled, judged) == made
    members = [each for group in made for each in group.members]
    assert len(members) == len({*members}), "each contact is in one group"
    for group in made:
        assert len(group.members) > 1
        assert not {pair(*two) for two in combinations(group.members, 2)} & different

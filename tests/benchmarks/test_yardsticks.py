"""The yardsticks of names: what is looked for, and how it is counted, on a register made by hand."""

from __future__ import annotations

from benchmarks.duplicates.yardsticks import Named, alike, exact, row
from leadline.identity.resemblance import KINDS

REGISTER = [
    Named("1", "Aoife", "Byrne"),
    Named("1", "Byrne", "Aoife"),
    Named("2", "Katherine", "Walsh"),
    Named("2", "Katherin", "Walsh"),
    Named("3", "Ana", "Silva"),
    Named("4", "Ana", "Silva"),
    Named("5", "Bruno", "Silva"),
]


def test_pairs_are_found_as_the_directory_finds_them() -> None:
    assert exact(REGISTER) == {(4, 5)}
    assert alike(REGISTER, KINDS) == {(0, 1), (2, 3), (4, 5)}
    assert alike(REGISTER, {"same_name"}) == {(0, 1), (4, 5)}


def test_a_row_counts_right_pairs_and_swapped_names_by_themselves() -> None:
    found = row("made", "alike", REGISTER, alike(REGISTER, KINDS))
    assert (found["precision"], found["recall"], found["of_swapped"]) == (0.6667, 1.0, "1 of 1")
    assert row("made", "exact", REGISTER, exact(REGISTER))["of_swapped"] == "0 of 1"

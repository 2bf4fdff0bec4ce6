"""Rows on a terminal: whole words in a table, or a list; nothing cut, nothing left out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.cli.console import out, show
from leadline.cli.layout import GAP, listed, widths

WORDS = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=30)
CELLS = st.lists(WORDS, max_size=8).map(" ".join)
SETTINGS = [
    {
        "name": "auth_token",
        "required": True,
        "meaning": "Auth token of the account or subaccount; it signs the webhooks",
    },
    {"name": "messaging_service_sid", "required": False, "meaning": "Messaging service that picks the sender"},
]
COLUMNS = {"Setting": "name", "Required": "required", "Meaning": "meaning"}


def shown(width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(out, "width", width)
    show(SETTINGS, COLUMNS, as_json=False, empty="None")
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_no_word_is_cut_at_any_width(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = " ".join(shown(width, capsys, monkeypatch)).split()
    for row in SETTINGS:
        assert set(str(row["meaning"]).split()) <= set(words)
        assert row["name"] in words


def test_a_wide_terminal_shows_a_table_and_a_narrow_one_a_list(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shown(120, capsys, monkeypatch)[0].split() == ["Setting", "Required", "Meaning"]
    assert shown(40, capsys, monkeypatch)[:2] == ["Setting:  auth_token", "Required: yes"]


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=4), st.integers(20, 200))
def test_columns_fit_and_hold_their_longest_word(rows: list[list[str]], available: int) -> None:
    columns = list(zip(*rows, strict=True))
    wide = widths(columns, available)
    if wide is None:
        return
    assert sum(wide) + GAP * 2 <= available
    for column, width in zip(columns, wide, strict=True):
        assert all(len(word) <= width or not word.isascii() for cell in column for word in cell.split())


def test_a_phone_number_and_a_time_are_not_broken() -> None:
    columns = [["Sender", "+353 86 998 4708"], ["Linked", "2026-11-27 23:36:14"], ["Name", "Ana de la Cruz"]]
    found = widths(columns, 50)
    assert found is not None
    assert found[:2] == [16, 19]
    assert found[2] < len("Ana de la Cruz")
    assert widths(columns, 38) is None


def test_a_list_leaves_out_what_is_empty() -> None:
    lines = list(listed(["Name", "Undone"], [["Ann", ""], ["Bo", "yes"]]))
    assert lines == ["Name:   Ann", "", "Name:   Bo", "Undone: yes"]

"""Counting and cutting texts, and a sentence for every reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.channels.reasons import REASONS, sentence
from leadline.channels.text import is_joined, segments, split, utf16_units
from leadline.channels.twilio.codes import REASON_OF_CODE as TWILIO
from leadline.channels.whatsapp.codes import REASON_OF_CODE as WHATSAPP

FAMILY = "👨‍👩‍👧‍👦"


@pytest.mark.parametrize(
    ("text", "encoding", "count", "units"),
    [
        ("", "gsm7", 1, 0),
        ("a" * 160, "gsm7", 1, 160),
        ("a" * 161, "gsm7", 2, 161),
        ("a" * 306, "gsm7", 2, 306),
        ("a" * 307, "gsm7", 3, 307),
        ("€" * 80, "gsm7", 1, 160),
        ("€" * 81, "gsm7", 2, 162),
        ("a" * 152 + "€" * 77, "gsm7", 3, 306),  # 306 septets fill two parts only while no € straddles the border
        ("’" + "a" * 69, "ucs2", 1, 70),
        ("’" + "a" * 70, "ucs2", 2, 71),
        ("😀" * 35, "ucs2", 1, 70),
        ("a" * 66 + "😀" * 34, "ucs2", 3, 134),  # a surrogate pair is not cut at unit 67
        ("ñ@£\n¿", "gsm7", 1, 5),
        ("ç", "ucs2", 1, 1),
    ],
)
def test_segments(text: str, encoding: str, count: int, units: int) -> None:
    counted = segments(text)
    assert (counted.encoding, counted.count, counted.units) == (encoding, count, units)


@pytest.mark.parametrize(
    ("text", "limit", "pieces"),
    [
        ("short", 10, ("short",)),
        ("", 10, ()),
        (" \n ", 10, ()),
        ("one two three", 8, ("one two", "three")),
        ("one two three", 7, ("one two", "three")),
        ("one.\n\ntwo three four", 16, ("one.\n\ntwo three", "four")),
        ("aaaaaaaa.\n\nbbb ccc ddd", 16, ("aaaaaaaa.", "bbb ccc ddd")),
        ("unbreakable", 4, ("unbr", "eaka", "ble")),
        ("🇮🇪🇮🇪🇮🇪", 9, ("🇮🇪🇮🇪", "🇮🇪")),
        ("🇮🇪🇮🇪🇮🇪", 6, ("🇮🇪", "🇮🇪", "🇮🇪")),
        (f"ab{FAMILY}", 12, ("ab", FAMILY)),
        ("e\u0301" * 3, 5, ("e\u0301" * 2, "e\u0301")),
        ("👍🏽👍🏽", 6, ("👍🏽", "👍🏽")),
        ("नमस्ते", 4, ("नम", "स्ते")),
        (FAMILY, 4, ("👨\u200d", "👩\u200d", "👧\u200d", "👦")),
        ("Hi: https://example.com/parcels/7?lang=en ok", 40, ("Hi:", "https://example.com/parcels/7?lang=en ok")),
        ("Hi (https://example.com/parcels/7?lang=en)", 40, ("Hi", "(https://example.com/parcels/7?lang=en)")),
        ("Hi: https://example.com/" + "a" * 16, 30, ("Hi: https://example.com/aaaaaa", "a" * 10)),
        ("กำ" * 4, 5, ("กำกำ", "กำกำ")),
        ("ｶﾞ" * 4, 5, ("ｶﾞｶﾞ", "ｶﾞｶﾞ")),
    ],
)
def test_split(text: str, limit: int, pieces: tuple[str, ...]) -> None:
    assert split(text, limit) == pieces


@given(st.text(max_size=400), st.integers(2, 40))
def test_pieces_lose_nothing_but_white_space(text: str, limit: int) -> None:
    pieces = split(text, limit)
    assert "".join("".join(piece.split()) for piece in pieces) == "".join(text.split())
    assert all(piece and sum(map(utf16_units, piece)) <= limit for piece in pieces)


@given(st.lists(st.sampled_from([FAMILY, "🇮🇪", "e\u0301", "👍🏽", "한", "a", " "]), max_size=60))
def test_no_cluster_is_cut_where_it_fits(clusters: list[str]) -> None:
    text = "".join(clusters).strip()
    pieces = split(text, 16)
    at = 0
    for piece in pieces[:-1]:
        at = text.index(piece, at) + len(piece)
        assert not is_joined(text, at)


def test_every_code_leads_to_a_sentence() -> None:
    assert set(TWILIO.values()) | set(WHATSAPP.values()) <= set(REASONS)
    assert sentence("never heard of") == REASONS["provider_error"]
    assert all(text.endswith(".") for text in REASONS.values())

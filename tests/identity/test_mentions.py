"""Addresses in customers' own words: found with a quote, and not seen where there is only a number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.identity.mentions import AROUND, mentions


@pytest.mark.parametrize(
    ("text", "region", "addresses"),
    [
        ("my e-mail is ana@example.com", "", {"ana@example.com"}),
        ("Write to Ana.Silva+shop@Example.co.uk. Thanks", "", {"ana.silva+shop@example.co.uk"}),
        ("call me at +34 611 936 811 please", "", {"+34611936811"}),
        ("call me at 086 998 4003 please", "IE", {"+353869984003"}),
        ("call me at 086 998 4003 please", "", set()),
        ("0869984003 or ana@example.com", "IE", {"+353869984003", "ana@example.com"}),
        ("order 20191234567 of 2019-01-02", "", set()),
        ("I paid 1200 on 12.11.2026", "IE", set()),
        ("@ana on Instagram", "", set()),
        ("it is o'brien@example.com", "", {"o'brien@example.com"}),
        ("it is _ana@example.com_", "", {"ana@example.com"}),
        ("ａｎａ＠ｅｘａｍｐｌｅ．ｃｏｍ", "", {"ana@example.com"}),
        ("رقمي ٠٠٣٥٣٨٦٩٩٨٤٧٠٩", "", {"+353869984709"}),
        ("почта: аня@пример.рф", "", {"аня@пример.рф"}),
    ],
)
def test_what_a_text_names(text: str, region: str, addresses: set[str]) -> None:
    assert mentions([text], region=region).keys() == addresses


def test_the_words_around_are_quoted_and_the_first_text_counts() -> None:
    long = f"{'x ' * 50}my e-mail is ana@example.com {'y ' * 50}"
    quote = mentions([long, "again: ana@example.com"])["ana@example.com"]
    assert "my e-mail is ana@example.com y" in quote
    assert (quote[0], quote[-1]) == ("…", "…")
    assert len(quote) <= 2 * AROUND + len("ana@example.com") + 2
    assert mentions(["mine: ana@example.com"])["ana@example.com"] == "mine: ana@example.com"
    assert mentions(["رقمي ٠٠٣٥٣٨٦٩٩٨٤٧٠٩"]) == {"+353869984709": "رقمي ٠٠٣٥٣٨٦٩٩٨٤٧٠٩"}


@given(st.lists(st.text(max_size=80), max_size=3), st.sampled_from(["", "IE", "US"]))
def test_any_text_can_be_read(texts: list[str], region: str) -> None:
    for address, quote in mentions(texts, region=region).items():
        assert quote
        assert address[0] == "+" or "@" in address

"""Bodies of others, without the one character that PostgreSQL cannot hold."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from leadline.model.storable import without_nul

TEXTS = st.text(st.sampled_from('\0\\"u0a{é😀'))


@given(st.lists(TEXTS))
def test_json_stays_the_same_but_for_nul(texts: list[str]) -> None:
    assert json.loads(without_nul(json.dumps(texts).encode())) == [text.replace("\0", "") for text in texts]


@given(st.binary())
def test_no_zero_byte_is_left(body: bytes) -> None:
    assert b"\0" not in without_nul(body)

"""Every shape of the fuzzing corpus, three pieces long, shown as it was shown before the reader was written anew."""

from __future__ import annotations

import tomllib

import pytest

from leadline.intercom.plaintext import from_html
from tests.fuzz.growth import CORPUS, shapes

SHOWN = tomllib.loads((CORPUS / "shown.toml").read_text("utf-8"))


def test_every_shape_has_its_text() -> None:
    assert SHOWN.keys() == shapes().keys()


@pytest.mark.parametrize("name", SHOWN)
def test_a_shape_is_shown_as_recorded(name: str) -> None:
    before, piece, after = shapes()[name]
    plain = from_html(before + 3 * piece + after)
    marks = [f"{plain.text[mark.start : mark.end]} is {mark.style}" for mark in plain.marks]
    assert [plain.text, *marks, *(image.url for image in plain.images)] == SHOWN[name]

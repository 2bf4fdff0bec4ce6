"""What no adapter knows is shown to people, also where a byte of it is no text."""

from __future__ import annotations

import pytest

from leadline.channels.anything import beside, strange, unknown


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        (b'{"text":"Hi","gift":{"title":"Rose"}}', ["gift"]),
        (b'{"text":"Hi","\x80":{"title":"Rose"}}', ["\ufffd"]),
        (b'{"text":"Hi","gift":{"\xff":"Rose"}}', ["gift"]),
        (b'{"text":"Hi","gift":{"title":"Ros\xc3"}}', ["gift"]),
    ],
)
def test_a_byte_that_is_no_text_costs_nothing_else(raw: bytes, names: list[str]) -> None:
    assert strange(raw, {"text"}) == names
    assert "Ros" in beside(raw, {"text"})
    assert "Ros" in unknown("gift", raw)[0]
    assert "{" not in unknown("gift", raw)[0]

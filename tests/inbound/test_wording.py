"""A message as the text a teammate reads: what it answers, is about and says, line by line."""

from __future__ import annotations

from typing import Any

import pytest

from leadline.inbound.wording import worded
from leadline.model import Ad, Forwarded, Handle, Inbound, Product, Quote

FAMILY = "👩\u200d👩\u200d👧"
OURS = Quote(provider_id="1", text="Which size\nwould you like?", author="business")
THEIRS = Quote(provider_id="2", text="Order 1001", author="customer")


@pytest.mark.parametrize(
    ("fields", "quote", "text"),
    [
        ({"text": "Hello"}, None, "Hello"),
        ({"text": "yes"}, OURS, "> You wrote: Which size would you like?\nyes"),
        ({"text": "still?"}, THEIRS, "> They wrote: Order 1001\nstill?"),
        ({"text": "true?"}, Quote(text="Free shipping", author="Acme news"), "> Acme news wrote: Free shipping\ntrue?"),
        (
            {"text": "nice"},
            Quote(provider_id="3", file="boat.jpg", author="customer"),
            "> They wrote: [boat.jpg]\nnice",
        ),
        ({"text": "that one"}, Quote(provider_id="4"), "> An earlier message\nthat one"),
        ({"text": "x"}, Quote(text="a" * 400, author="customer"), f"> They wrote: {'a' * 300}…\nx"),
        (
            {"text": "x"},
            Quote(text=FAMILY * 80, author="customer"),
            f"> They wrote: {FAMILY * 37}…\nx",
        ),
        ({"text": "Order 1002", "change": "edited"}, THEIRS, "[Edited a message: “Order 1001”]\nOrder 1002"),
        ({"text": "Order 1002", "change": "edited"}, Quote(provider_id="5"), "[Edited a message]\nOrder 1002"),
        ({"change": "withdrawn"}, THEIRS, "[Took back a message: “Order 1001”]"),
        ({"change": "withdrawn"}, Quote(provider_id="5"), "[Took back a message]"),
        ({"text": "Order 1001", "change": "withdrawn"}, None, "[Took back a message: “Order 1001”]"),
        (
            {"text": "In blue?", "product": Product(product_id="SKU9", name="Red shoes", price="19.90 EUR")},
            None,
            "[About the product: Red shoes, 19.90 EUR, SKU9]\nIn blue?",
        ),
        ({"text": "Look", "forwarded": Forwarded(origin="Ann Lee")}, None, "[Forwarded from Ann Lee]\nLook"),
        ({"text": "Look", "forwarded": Forwarded(often=True)}, None, "[Forwarded many times]\nLook"),
        (
            {"text": "Price?", "ad": Ad(source_id="1202", click_id="A", headline="Summer", url="https://fb.me/x")},
            None,
            "Price?\n[From the advertisement: Summer https://fb.me/x (ad 1202)]",
        ),
        ({"text": "Hi all", "author": "Seán"}, None, "Seán: Hi all"),
        ({"text": ""}, None, "[empty message]"),
        ({"text": "", "author": "Seán"}, None, "Seán: [empty message]"),
    ],
)
def test_worded(fields: dict[str, Any], quote: Quote | None, text: str) -> None:
    message = Inbound(provider_id="m", sender="s", handles=(Handle("tel", "+353861234567"),), **fields)
    assert worded(message, quote) == text


def test_lines_about_files_come_last() -> None:
    message = Inbound(provider_id="m", sender="s", handles=(Handle("tel", "+353861234567"),), text="See")
    assert worded(message, THEIRS, "[boat.jpg could not be fetched]") == (
        "> They wrote: Order 1001\nSee\n[boat.jpg could not be fetched]"
    )

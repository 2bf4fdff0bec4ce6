"""What a teammate quotes: found among the conversation's messages, else left as it was written."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.model import Mark, Outbound
from leadline.outbound.quoting import answering, is_quoting, parted

SAID: list[dict[str, Any]] = [
    {"number": "m-6", "text": "ok", "ref": ""},
    {"number": "m-5", "text": "Is the red one still available?\nI would take two.", "ref": "token-5"},
    {"number": "m-4", "text": "Which size would you like?", "ref": ""},
    {"number": "m-3", "text": "", "ref": ""},
    {"number": "m-2", "text": "ok", "ref": ""},
    {"number": "m-1", "text": "Hello, I have a question about my order 1001", "ref": ""},
]


def by_number(number: str, ref: str) -> str:
    return number


def answered(text: str, marks: tuple[Mark, ...] = ()) -> Outbound:
    return answering(Outbound(id="1", to="77", text=text, marks=marks), SAID, by_number)


@pytest.mark.parametrize(
    ("written", "quoted", "left"),
    [
        ("> Which size would you like?\nLarge is sold out", "m-4", "Large is sold out"),
        (">Which size would you like?\n\nSold out", "m-4", "Sold out"),
        ("> ok\nFine", "m-6", "Fine"),
        ("> Is the red one still available?\n> I would take two.\nYes", "m-5", "Yes"),
        ("> They wrote: ok\nFine", "m-6", "Fine"),
        ("> > You wrote: Which size?\n> ok\nFine", "m-6", "Fine"),
        ("> Hello, I have a question…\nWhich one?", "m-1", "Which one?"),
        ("> Hello, I have a question...\nWhich one?", "m-1", "Which one?"),
        ("> about my order 1001\nIt left today", "m-1", "It left today"),
        ("> Ann wrote: about my order 1001\nIt left today", "m-1", "It left today"),
    ],
)
def test_a_quote_finds_the_message_it_is_of(written: str, quoted: str, left: str) -> None:
    message = answered(written)
    assert (message.quoted, message.text) == (quoted, left)


@pytest.mark.parametrize(
    "written",
    [
        "> Nobody ever said this\nYes",
        "> one\nToo short to tell one message from another",
        "> \nNothing is quoted",
        "> ok",
        "> ok\n\n",
        "Hello > ok",
        "5 > 3, as you know",
    ],
)
def test_what_is_no_quote_of_a_message_goes_as_it_was_written(written: str) -> None:
    message = answered(written)
    assert (message.quoted, message.text) == ("", written)


def test_where_the_app_cannot_quote_it_the_words_stay() -> None:
    written = "> Which size would you like?\nSold out"
    message = answering(Outbound(id="1", to="77", text=written), SAID, lambda number, ref: "")
    assert (message.quoted, message.text) == ("", written)


def test_a_message_may_be_named_by_what_the_provider_gave_for_it() -> None:
    written = "> Is the red one still available? I would take two.\nYes"
    message = answering(Outbound(id="1", to="77", text=written), SAID, lambda number, ref: ref)
    assert message.quoted == "token-5"


def test_what_stands_out_in_the_answer_still_does() -> None:
    message = answered("> ok\nSold out", (Mark(0, 4, "bold"), Mark(5, 9, "italic")))
    assert (message.text, message.marks) == ("Sold out", (Mark(0, 4, "italic"),))


@given(st.text(alphabet="> ok\n\r…x", max_size=40))
def test_nothing_but_the_quoted_lines_is_taken_away(written: str) -> None:
    quoted, start = parted(written)
    taken = written[:start]
    assert all(not line.strip() or line.startswith(">") for line in taken.splitlines())
    assert answered(written).text in (written, written[start:])
    assert is_quoting(written) == bool(quoted and written[start:].strip())

"""What stands out on each channel: nothing visible is lost, nothing that was typed becomes markup."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.channels.markup import HAIR, clipped, entities, rich_text, signed
from leadline.model import Mark

SIGNS = {"*": "bold", "_": "italic", "~": "strike", "`": "code"}


def drawn(text: str) -> tuple[str, set[tuple[int, str]]]:
    """A text as WhatsApp draws it: the characters that are seen, and which of them stand out how.

    The rule of its help page: a pair of signs around words, on one line, the first with no letter before it and no
    space after it, the last with no space before it and no letter after it. Three backticks make code.
    """
    seen: list[str] = []
    styled: set[tuple[int, str]] = set()
    for line in text.split("\n"):
        chars, styles = _line(list(line), [frozenset[str]()] * len(line))
        styled |= {(len(seen) + at, style) for at, found in enumerate(styles) for style in found}
        seen += [*chars, "\n"]
    return "".join(seen)[:-1], styled


def _line(chars: list[str], styles: list[frozenset[str]]) -> tuple[list[str], list[frozenset[str]]]:
    for sign, name in (("```", "code"), ("*", "bold"), ("_", "italic"), ("~", "strike"), ("`", "code")):
        while found := _pair(chars, styles, sign):
            start, end = found
            size = len(sign)
            styles = [each | {name} if start < at < end else each for at, each in enumerate(styles)]
            keep = [at for at in range(len(chars)) if not (start <= at < start + size or end <= at < end + size)]
            chars, styles = [chars[at] for at in keep], [styles[at] for at in keep]
    return chars, styles


def _pair(chars: list[str], styles: list[frozenset[str]], sign: str) -> tuple[int, int] | None:
    line, size = "".join(chars), len(sign)
    inside_address = [found.span() for found in re.finditer(r"https?://\S+", line)]

    def is_sign(at: int) -> bool:
        free = "code" not in styles[at] and not any(start <= at < end for start, end in inside_address)
        return line.startswith(sign, at) and free

    for start in range(len(line)):
        if not is_sign(start) or (start and line[start - 1].isalnum()):
            continue
        if not line[start + size : start + size + 1].strip():
            continue
        for end in range(start + size + 1, len(line)):
            if is_sign(end) and line[end - 1].strip() and not line[end + size : end + size + 1].isalnum():
                return start, end
    return None


@pytest.mark.parametrize(
    ("text", "marks", "written"),
    [
        ("Sale ends today", [(0, 4, "bold")], "*Sale* ends today"),
        ("2*3*4", [], "2*3*4"),
        ("5 * 3 * 2", [], "5 * 3 * 2"),
        ("snake_case_name", [], "snake_case_name"),
        ("*Sale*", [], f"*{HAIR}Sale{HAIR}*"),
        ("only one * here", [], "only one * here"),
        ("see https://x.y/_a_ now", [], "see https://x.y/_a_ now"),
        ("unbelievable", [(2, 8, "bold")], "unbelievable"),
        ("one\ntwo", [(0, 7, "bold")], "*one*\n*two*"),
        ("big sale", [(0, 8, "bold"), (4, 8, "italic")], "*big _sale_*"),
        ("run x", [(4, 5, "code")], "run ```x```"),
        (" a ", [(0, 3, "bold")], " *a* "),
        ("", [], ""),
    ],
)
def test_whatsapp(text: str, marks: list[tuple[int, int, Any]], written: str) -> None:
    assert signed(text, [Mark(*mark) for mark in marks]) == written


TEXTS = st.text(st.sampled_from("ab *_~`\n.1"), max_size=24)
MARKS = st.lists(
    st.tuples(st.integers(0, 24), st.integers(0, 24), st.sampled_from(["bold", "italic", "strike", "code"])), max_size=3
)


@given(TEXTS, MARKS)
def test_whatsapp_draws_every_character_and_nothing_that_was_not_meant(text: str, places: list[Any]) -> None:
    marks = [Mark(min(one, two), min(max(one, two), len(text)), style) for one, two, style in places]
    seen, styled = drawn(signed(text, marks))
    assert seen.replace(HAIR, "") == text
    meant = {(at, mark.style) for mark in marks for at in range(mark.start, mark.end)}
    without = [at for at, char in enumerate(seen) if char != HAIR]
    assert {(without.index(at), style) for at, style in styled if at in without} <= meant


@given(st.text(max_size=30), MARKS)
def test_telegram_and_slack_keep_every_character(text: str, places: list[Any]) -> None:
    marks = [Mark(min(one, two), min(max(one, two), len(text)), style) for one, two, style in places]
    marks = [mark for mark in marks if mark.start < mark.end]
    (section,) = rich_text(text, marks)["elements"]
    assert "".join(stretch["text"] for stretch in section["elements"]) == text
    units = text.encode("utf-16-le", "surrogatepass")
    for mark, entity in zip(marks, entities(text, marks), strict=True):
        start, end = 2 * entity["offset"], 2 * (entity["offset"] + entity["length"])
        assert units[start:end].decode("utf-16-le", "surrogatepass") == text[mark.start : mark.end]


def test_marks_of_a_piece_count_from_its_start() -> None:
    marks = (Mark(0, 4, "bold"), Mark(8, 12, "italic"), Mark(20, 22, "code"))
    assert clipped(marks, 2, 10) == (Mark(0, 2, "bold"), Mark(6, 8, "italic"))

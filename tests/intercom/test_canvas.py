"""Canvas Kit components: what is built is what Intercom shows, what it would not show cannot be built."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from leadline.intercom import canvas as kit
from leadline.intercom.canvas import BadCanvas, Canvas, Submit, literal
from tests.intercom.kit_spec import complaints, unknown_fields

OPTIONS = tuple(kit.Option(id=f"o{number}", text=f"Option {number}") for number in range(3))
URL = kit.OpenUrl("https://example.com/help")
EVERYTHING: tuple[kit.Component, ...] = (
    kit.Text(text="**Bold** and [a link](https://example.com)", id="t", style="header", align="center"),
    kit.Input(id="i", label="Label", placeholder="…", value="v", action=Submit(), save_state="failed"),
    kit.TextArea(id="ta", label="Label", placeholder="…", value="v", error=True),
    kit.Button(id="b", label="Press", action=Submit(), style="secondary"),
    kit.Button(id="b2", label="Open", action=URL, style="link", disabled=True),
    kit.Dropdown(id="d", options=OPTIONS, label="Choose", value="o1"),
    kit.SingleSelect(id="s", options=OPTIONS, label="Choose", value="o1", action=Submit()),
    kit.Checkbox(id="c", option=OPTIONS[:1], label="Tick", value=("o0",)),
    kit.ItemList(
        items=(
            kit.Item(id="x", title="Plain", subtitle="s", tertiary_text="t", action=Submit()),
            kit.Item(
                id="y",
                title="Picture",
                image="https://example.com/a.png",
                image_width=24,
                image_height=24,
                rounded_image=True,
                action=URL,
            ),
        )
    ),
    kit.Table(items=(kit.Field(field="Phone", value="+353 88"),)),
    kit.Image(url="https://example.com/a.png", width=10, height=10, align="full_width", rounded=True, action=URL),
    kit.Divider(id="dv", bottom_margin="none"),
    kit.Spacer(id="sp", size="xl"),
)
MARKUP = st.sampled_from(
    [
        *"[]()<>*_`~\\!&#@:/.w \n\"'ab1-+=|{};",
        "http://",
        "https://x.y",
        "www.x.y",
        "**",
        "__",
        "](",
        "![",
        "&amp;",
        "<b>",
    ]
)


def test_every_component_is_what_the_schemas_describe(shared: Path) -> None:
    answer = json.loads(Canvas(EVERYTHING, {"step": 1, "nested": {"a": [1]}}).encode())
    for schema in ("initialize_response", "submit_response"):
        assert complaints(shared, schema, answer) == []
    assert unknown_fields(shared, answer) == []
    assert len(answer["canvas"]["content"]["components"]) == len(EVERYTHING)


def test_the_check_finds_what_is_wrong(shared: Path) -> None:
    wrong = {"canvas": {"content": {"components": [{"type": "button", "id": "b", "label": "No action"}]}}}
    assert complaints(shared, "submit_response", wrong)
    assert unknown_fields(shared, {"canvas": {"content": {"components": [{"type": "text", "colour": "red"}]}}})


@pytest.mark.parametrize(
    ("build", "complaint"),
    [
        (lambda: kit.Text(text="  "), "needs a text"),
        (lambda: kit.Button(id="", label="x", action=Submit()), "needs an id"),
        (lambda: kit.Button(id="b", label=" ", action=Submit()), "needs a label"),
        (lambda: kit.Dropdown(id="d", options=OPTIONS[:1]), "needs 2"),
        (lambda: kit.Dropdown(id="d", options=_options(11)), "10 are allowed"),
        (lambda: kit.SingleSelect(id="d", options=_options(11)), "10 are allowed"),
        (lambda: kit.SingleSelect(id="d", options=OPTIONS, value="other"), "no option of it"),
        (lambda: kit.SingleSelect(id="d", options=OPTIONS + OPTIONS), "twice"),
        (lambda: kit.Checkbox(id="c", label="x", option=()), "needs 1"),
        (lambda: kit.ItemList(items=()), "needs an item"),
        (lambda: kit.Item(id="x", title=""), "needs a title"),
        (lambda: kit.Item(id="x", title="t", image="https://a/b.png"), "width and height"),
        (lambda: kit.Table(items=()), "needs a row"),
        (lambda: kit.Image(url="http://a/b.png", width=1, height=1), "https"),
        (lambda: kit.OpenUrl("javascript:alert(1)"), "no web address"),
        (lambda: Canvas(()), "needs a component"),
        (lambda: Canvas((EVERYTHING[1], EVERYTHING[1])), "stand twice: i"),
        (lambda: Canvas((kit.Text(text="x" * 66_000),)), "65536 are allowed"),
        (lambda: Canvas((kit.Text(text="x"),), {"a": "ä" * 33_000}), "stored data"),
    ],
)
def test_what_the_inbox_would_not_show_cannot_be_built(build: Any, complaint: str) -> None:
    with pytest.raises(BadCanvas, match=complaint):
        build()


@given(st.one_of(st.lists(MARKUP, max_size=30).map("".join), st.text(max_size=60)))
def test_a_literal_text_is_no_markup_for_any_reader(text: str) -> None:
    shown = f"From “{literal(text)}” now"
    tokens = MarkdownIt("commonmark").enable("strikethrough").parse(shown)
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    inner = tokens[1].children or []
    assert {token.type for token in inner} <= {"text", "text_special"}
    assert "".join(token.content for token in inner) == shown


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=60))
def test_a_literal_text_reads_as_before(text: str) -> None:
    turning = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
    looks = str.maketrans({"*": "\u2217", "~": "\u223c", "`": "\u02cb", "\u2060": ""}) | turning
    assert literal(text).translate(looks) == " ".join(text.split()).translate(looks)


def test_no_control_character_is_shown() -> None:
    assert literal("a\x00b\u202egnp.exe\x7f \U0001f468\u200d\U0001f469") == "abgnp.exe \U0001f468\u200d\U0001f469"


def _options(count: int) -> tuple[kit.Option, ...]:
    return tuple(kit.Option(id=str(number), text="x") for number in range(count))

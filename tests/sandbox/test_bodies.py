"""Message bodies: customers' text is never HTML, teammates' HTML is harmless, and plain text comes back."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.sandbox.bodies import from_teammate, from_text, to_text
from leadline.sandbox.contacts import formatted_phone


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Zs"])))
def test_text_survives_the_way_to_html_and_back(text: str) -> None:
    assert to_text(from_text(text)) == text


@given(st.text())
def test_text_never_becomes_a_tag(text: str) -> None:
    assert not re.sub(r"</?p>|<br>", "", from_text(text)).count("<")


@pytest.mark.parametrize(
    ("body", "cleaned"),
    [
        ("plain\ntext", "<p>plain<br>text</p>"),
        ("1 < 2 & 3", "<p>1 &lt; 2 &amp; 3</p>"),
        ("<p>a</p><p>b</p>", "<p>a</p><p>b</p>"),
        ("<b>bold", "<p><b>bold</b></p>"),
        ("<p onclick=x()>a<script>x()</script></p>", "<p>a</p>"),
        ('<a href="javascript:x()">a</a>', "<p><a>a</a></p>"),
        (
            '<a href="https://b.example/?a=1&b=2" style="x">a</a>',
            '<p><a href="https://b.example/?a=1&amp;b=2">a</a></p>',
        ),
        ('<img src="https://b.example/a.png" onerror="x()">', '<p><img src="https://b.example/a.png"></p>'),
        ("<svg><p>x</p></svg><p>y</p>", "<p>y</p>"),
        ("</p></div>text<br>", "<p>text<br></p>"),
    ],
)
def test_a_teammates_html_keeps_only_harmless_tags(body: str, cleaned: str) -> None:
    assert from_teammate(body) == cleaned


@given(st.text(alphabet="<>/abpscriptimg src=\"'jx:&;", max_size=60))
def test_no_teammates_html_can_run(body: str) -> None:
    cleaned = from_teammate(body)
    assert not re.search(r"<(?!/?(?:p|br|b|strong|i|em|u|a|ul|ol|li|h1|h2|pre|code|img|div)[ >])", cleaned)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (None, None),
        ("<p>a<br>b</p><p>c</p>", "a\nb\n\nc"),
        ('<p>see <a href="https://b.example">here</a></p>', "see here (https://b.example)"),
        ('<a href="https://b.example">https://b.example</a>', "https://b.example"),
        ("<ul><li>one</li><li>two</li></ul>", "- one\n- two"),
        ('<div><img src="https://b.example/a.png"></div>', '[Image "https://b.example/a.png"]'),
    ],
)
def test_html_as_plain_text(body: str | None, text: str | None) -> None:
    assert to_text(body) == text


@pytest.mark.parametrize(
    ("phone", "formatted"),
    [
        ("+353 88 888 8999", "+353888888999"),
        ("(00353) 88-888-8999", None),
        ("00353 88 (888) 8999", "+353888888999"),
        ("+44-7700 900123", "+447700900123"),
        ("0888888999", None),
        ("353888888999", None),
        ("+", None),
        ("", None),
        (None, None),
    ],
)
def test_a_phone_with_a_country_code_has_an_e164_form(phone: str | None, formatted: str | None) -> None:
    assert formatted_phone(phone) == formatted

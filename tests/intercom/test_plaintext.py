"""Bodies as a chat app shows them: a table of what Intercom writes, and properties that hold for any body."""

from __future__ import annotations

import html
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.intercom.plaintext import from_html, read, same_text

SHOWN = {
    "plain": ("Hello\r\nthere ", "Hello\nthere"),
    "plain that only mentions tags": ("a <b> c & d &amp; <p>", "a <b> c & d &amp; <p>"),
    "plain that begins with a tag": ("<p> is a paragraph", "<p> is a paragraph"),
    "composer lines": ('<p class="no-margin">One</p><p class="no-margin">Two</p>', "One\nTwo"),
    "composer blank line": (
        '<p class="no-margin">a</p><p class="no-margin"><br></p><p class="no-margin">b</p>',
        "a\n\nb",
    ),
    "paragraphs": ("<p>a</p>\n<p>b</p>", "a\n\nb"),
    "breaks": ("<p>a<br>b<br/><br />c</p>", "a\nb\n\nc"),
    "emphasis": ("<p>a <b>b</b><i>c</i> <code>d</code></p>", "a bc d"),
    "white space": ("<p>  a \n\t b&nbsp; c </p>", "a b  c"),
    "entities": ("<p>&lt;b&gt; &amp;amp; &#128075; &quot;&eacute;</p>", '<b> &amp; 👋 "é'),
    "link": (
        '<p>See <a href="https://a.b/c?d=1&amp;e=2">our page</a>, ok</p>',
        "See our page (https://a.b/c?d=1&e=2), ok",
    ),
    "link that shows its address": ('<p>See <a href="http://www.a.b/">www.a.b</a>!</p>', "See www.a.b!"),
    "mail link": ('<p><a href="mailto:x@y.z">x@y.z</a></p>', "x@y.z"),
    "link without label": ('<p>a <a href="https://a.b"></a> c</p>', "a https://a.b c"),
    "link left open": ('<p><a href="https://a.b">label</p>', "label\n(https://a.b)"),
    "script link": ('<p><a href=" java\nscript:alert(1)">label</a></p>', "label"),
    "broken address": ('<p><a href="http://[x">label</a></p>', "label"),
    "bullets": ("<p>Buy</p><ul><li>Tea</li><li>Milk</li></ul><p>now</p>", "Buy\n\n- Tea\n- Milk\n\nnow"),
    "numbers": ("<ol>\n<li>Tea</li>\n<li>Milk</li>\n</ol>", "1. Tea\n2. Milk"),
    "nested list": ("<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "- a\n  - b\n- c"),
    "verbatim": ("<pre>a\n  b</pre><p>c</p>", "a\n  b\n\nc"),
    "paragraphs and line ends in cells": (
        "<table><tr><td><p>a</p></td><td><p>b</p><p>c</p></td></tr><tr><td>d<br>e</td><td>f</td></tr></table><p>g</p>",
        "a | b c\nd e | f\n\ng",
    ),
    "a list in a cell": ("<table><tr><td><ul><li>a</li><li>b</li></ul></td><td>c</td></tr></table>", "- a\n- b\nc"),
    "two tables": (
        "<table><tr><td><p>a</p></td><td><p>b</p></td></tr></table>"
        "<table><tr><td><p>c</p></td><td><p>d</p></td></tr></table>",
        "a | b\n\nc | d",
    ),
    "a frame of one cell": ("<table><tr><td><p>a</p><p>b</p></td></tr></table>", "a\n\nb"),
    "cells that are not closed": ("<table><tr><td>a<td>b<tr><td>c</table><p>d</p>", "a | b\nc\n\nd"),
    "a video": ('<p>See</p><video src="https://x.example/v.mp4"></video>', "See\nhttps://x.example/v.mp4"),
    "a sound": ('<audio><source src="https://x.example/a.mp3"></audio>', "https://x.example/a.mp3"),
    "line ends around code": ('<pre>\none\ntwo\n</pre><p class="no-margin">three</p>', "one\ntwo\nthree"),
    "blank lines in code": ("<pre>one\n\n<b>two</b>\nthree</pre>", "one\n\ntwo\nthree"),
    "code in a quote": (
        "<blockquote><pre>one\ntwo\n\nthree</pre>four</blockquote>",
        "> one\n> two\n> \n> three\n> four",
    ),
    "table": ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a | b\nc"),
    "composer blank line without a break": (
        '<p class="no-margin">One</p><p class="no-margin"></p><p class="no-margin">Two</p>',
        "One\n\nTwo",
    ),
    "two blank lines": (
        '<p class="no-margin">a</p><p class="no-margin"></p><p class="no-margin"></p><p>b</p>',
        "a\n\n\nb",
    ),
    "composer list": ('<ul><li><p class="no-margin">a</p></li><li><p class="no-margin">b</p></li></ul>', "- a\n- b"),
    "numbers from three": ('<ol start="3"><li>a</li><li>b</li></ol>', "3. a\n4. b"),
    "emoji told by its short code": ('<p>Hi <img src="https://x.y/e.png" alt=":wave:"> you</p>', "Hi :wave: you"),
    "a keycap as a picture": ('<p>Press <img src="https://x.y/e.png" alt="1\ufe0f\u20e3"></p>', "Press 1\ufe0f\u20e3"),
    "a quote": ("<blockquote><p>Which one?</p></blockquote><p>The red one</p>", "> Which one?\n\nThe red one"),
    "a quote of two paragraphs": (
        "<p>Before</p><blockquote><p>One</p><p>Two<br>lines</p></blockquote><p>After</p>",
        "Before\n\n> One\n> Two\n> lines\n\nAfter",
    ),
    "a quote in a quote": (
        "<blockquote>One<blockquote>Two</blockquote></blockquote><p>Three</p>",
        "> One\n\n> > Two\n\nThree",
    ),
    "emoji as a picture": ('<p>Hi <img src="https://x.y/e.png" alt="👋"> you</p>', "Hi 👋 you"),
    "mention": ('<p><a class="entity_mention" href="https://app.intercom.com/a/1">@Maya</a> knows</p>', "@Maya knows"),
    "video": ('<p>see</p><iframe src="https://www.loom.com/embed/1"></iframe>', "see\nhttps://www.loom.com/embed/1"),
    "script and style": ("<p>a<script>alert('<p>x</p>')</script><style>p{}</style>b</p>", "ab"),
    "comment": ("<p>a<!-- b --> c<!-- d</p>", "a c"),
    "what looks like a comment in a description": ('<p>a <img alt="<!--" src="https://x.y/e.png">b</p>', "a b"),
    "heart": ("<p>I &lt;3 you < 4</p>", "I <3 you < 4"),
    "cut off": ("<div>a</div><div>b<br", "<div>a</div><div>b<br"),
    "heading": ("<h2>Hi</h2>\n<p>there</p>", "Hi\n\nthere"),
    "empty": ("", ""),
    "only blanks": ('<p class="no-margin"> &nbsp;</p>', ""),
}


@pytest.mark.parametrize(("body", "text"), SHOWN.values(), ids=SHOWN.keys())
def test_shown_as(body: str, text: str) -> None:
    assert read(body).text == text


def test_inline_images_come_apart() -> None:
    plain = read(
        '<p>Look</p><div class="intercom-container"><img src="https://d.intercomcdn.com/i/1/a.png?expires=1&amp;s=2" '
        'alt="Box"></div><img src="data:image/png;base64,AAAA"><img src="https://d.intercomcdn.com/x"><img>'
    )
    assert plain.text == "Look"
    assert [(image.content_type, image.url, image.name) for image in plain.images] == [
        ("image/png", "https://d.intercomcdn.com/i/1/a.png?expires=1&s=2", "Box"),
        ("image/*", "https://d.intercomcdn.com/x", ""),
    ]


def test_images_in_plain_bodies_come_apart() -> None:
    plain = read('See\n[Image "https://d.intercomcdn.com/i/a.png?expires=1"]\n[Image "file:///etc/passwd"] [Image "x"]')
    assert plain.text == 'See\n\n[Image "file:///etc/passwd"] [Image "x"]'
    assert [(image.content_type, image.url) for image in plain.images] == [
        ("image/png", "https://d.intercomcdn.com/i/a.png?expires=1")
    ]


WORDS = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Z"], include_characters="<>&\"'"), min_size=1, max_size=12
)
WRAPS = [
    "<p>{}</p>",
    "<div>{}</div>",
    "<b>{}</b>",
    "<li>{}</li>",
    "<p>{}<br></p>",
    "<h1>{}</h1>",
    "<span a='>'>{}</span>",
]


@given(st.lists(st.tuples(WORDS, st.sampled_from(WRAPS)), max_size=8))
def test_no_word_is_lost_and_no_tag_is_left(pieces: list[tuple[str, str]]) -> None:
    body = " ".join(wrap.format(html.escape(word)) for word, wrap in pieces)
    shown = from_html(body).text.split()
    assert [word for word in shown if word != "-"] == [word for word, _ in pieces if word != "-"]


TAGS = st.sampled_from(
    [*"<>&;\"'/=! \n#", "<p>", "</p>", "<a href='", "<![", "<!--", "-->", "<br/>", "<ul>", "</ol>", "<li>"]
)


@given(st.one_of(st.text(), st.lists(st.one_of(TAGS, st.text(max_size=3))).map("".join)))
def test_any_body_can_be_read(body: str) -> None:
    for plain in (read(body), from_html(body)):
        assert plain.text == plain.text.strip("\n ")
    assert same_text(body, f" {body}\n")


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_text_sent_is_found_again_in_the_html_that_comes_back(body: str) -> None:
    came_back = "<p>" + html.escape(body).replace("\n", "<br>") + "</p>"
    assert same_text(read(came_back).text, body)


@pytest.mark.parametrize(
    "unit", ["<!--", "<a ", "</a", "<a b='", "&#", "&#9", "<p>", "<![", "<ul><li>", "<a href='http://x'>", "<br>"]
)
@pytest.mark.parametrize("end", ["", ">"])
def test_hostile_body_takes_linear_time(unit: str, end: str) -> None:
    body = "<p>" + unit * (200_000 // len(unit)) + end
    started = time.process_time()
    from_html(body)
    assert time.process_time() - started < 3, (
        "200 KB took seconds: quadratic time would need minutes for a full webhook"
    )


def test_tag_that_never_closes_stays_as_text() -> None:
    assert from_html("<p>a</p><b").text == "a\n<b"
    assert from_html("a<b").text == "a<b"


def test_a_page_is_seen_although_its_head_is_not_closed() -> None:
    assert from_html("<html><head><title>t</title><body><p>a</p></body></html>").text == "a"


def test_endless_numeric_reference_is_replaced() -> None:
    assert read("<p>&#" + "9" * 5000 + ";</p>").text == "\N{REPLACEMENT CHARACTER}"


STANDING_OUT = {
    "bold": ("<p><b>Sale</b> ends today</p>", "Sale ends today", [(0, 4, "bold")]),
    "strong after words": ("<p>The <strong>sale</strong> ends</p>", "The sale ends", [(4, 8, "bold")]),
    "white space is outside": ("<p>The <b> sale </b> ends</p>", "The sale ends", [(4, 8, "bold")]),
    "one in the other": ("<p><b>a <i>b</i></b></p>", "a b", [(0, 3, "bold"), (2, 3, "italic")]),
    "struck and code": ("<p><s>a</s> <code>b</code></p>", "a b", [(0, 1, "strike"), (2, 3, "code")]),
    "left open": ("<p><b>a</p>", "a", [(0, 1, "bold")]),
    "nothing in it": ("<p>a<b> </b>b</p>", "a b", []),
    "closed twice": ("<p>a</b></b>b</p>", "ab", []),
    "in a list": ("<ul><li><b>a</b></li></ul>", "- a", [(2, 3, "bold")]),
}


@pytest.mark.parametrize(("body", "text", "marks"), STANDING_OUT.values(), ids=STANDING_OUT.keys())
def test_what_stands_out(body: str, text: str, marks: list[tuple[int, int, str]]) -> None:
    plain = read(body)
    assert plain.text == text
    assert [(mark.start, mark.end, mark.style) for mark in plain.marks] == marks

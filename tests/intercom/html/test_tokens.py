"""Tags, attributes and text are those that Python's own HTML parser finds, wherever the HTML is well formed."""

from __future__ import annotations

from html.parser import HTMLParser
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.intercom.html.tokens import attributes, decoded, tokens

Found = list[tuple[str, object]]
"""Texts, and tags (`p`, `/p`) with their attributes, in turn."""


class Peer(HTMLParser):
    """What the standard library's parser finds."""

    def __init__(self, body: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: Found = []
        self.feed(body)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        self.found.append((f"/{tag}", {}))

    def handle_data(self, data: str) -> None:
        self.found.append(("", data))


def found(body: str) -> Found:
    pieces: Found = []
    for text, name, rest, closed in tokens(body):
        tag = name.lower()
        pieces += [("", decoded(text))] if text else []
        pieces += [(tag, attributes(rest))] if tag else []
        pieces += [(f"/{tag}", {})] if closed else []
    return pieces


def joined(pieces: Found) -> Found:
    """Texts side by side are one; what is in a script is nobody's business."""
    seen, hidden = [], False
    for name, value in pieces:
        hidden = (hidden or name in {"script", "style"}) and name not in {"/script", "/style"}
        if not hidden and name not in {"/script", "/style"}:
            seen.append((name, value))
    runs: Found = []
    for name, run in groupby(seen, key=lambda piece: piece[0]):
        listed = list(run)
        runs += listed if name else [("", "".join(str(text) for _, text in listed))]
    return [piece for piece in runs if piece != ("", "")]


NAMES = st.sampled_from(["p", "P", "a", "b", "br", "img", "td", "h1", "x-y", "o:p", "blockquote"])
KEYS = st.sampled_from(["href", "HREF", "class", "data-x", "alt", "@click", "a.b"])
CHARS = st.text(st.sampled_from("ab c\n/=>&;#é\"'`&lt;&amp;&#38;&nope &copy 1-"), max_size=8)
BLANKS = st.sampled_from([" ", "\n", "  ", "\t"])


@st.composite
def attribute(draw: st.DrawFn) -> str:
    name, value = draw(KEYS), draw(CHARS)
    plain = value.translate({ord(char): None for char in " \n\"'=<>`/"})
    quoted = [f'"{value.replace(chr(34), "")}"', "'{}'".format(value.replace("'", "")), plain]
    written = draw(st.sampled_from([one for one in quoted if one]))
    equals = draw(st.sampled_from(["=", " = ", "= "]))
    return draw(st.sampled_from([f"{name}{equals}{written}", name]))


@st.composite
def tag(draw: st.DrawFn) -> str:
    inner = "".join(draw(BLANKS) + one for one in draw(st.lists(attribute(), max_size=3)))
    end = draw(st.sampled_from(["", " ", " /"]))
    return draw(st.sampled_from([f"<{draw(NAMES)}{inner}{end}>", f"</{draw(NAMES)}>"]))


TEXT = st.text(st.sampled_from("ab \n>&;#é\"'/=-"), max_size=8)
UNSEEN = st.sampled_from(
    ["<!-- a <b> -->", "<!doctype html>", "<script>if (a<b) '<p>'</script>", "<style>p{}</style >"]
)
WELL_FORMED = st.lists(st.one_of(TEXT, tag(), UNSEEN)).map("".join)


@given(WELL_FORMED)
def test_well_formed_html_is_read_as_the_standard_library_reads_it(body: str) -> None:
    assert joined(found(body)) == joined(Peer(body).found)


UNUSUAL = {
    "a less-than sign that begins nothing": ("<p>4 < 5 <3", [("p", {}), ("", "4 < 5 <3")]),
    "brackets in quotes": ('<img alt="<b>" title=\'>\'>', [("img", {"alt": "<b>", "title": ">"})]),
    "an address that ends with a slash": ("<a href=http://x/>x", [("a", {"href": "http://x/"}), ("", "x")]),
    "a tag that closes itself": ("<b/>x", [("b", {}), ("/b", {}), ("", "x")]),
    "a quote that is never closed": ('<a href="x>y</a><b>z</b>', [
        ("", '<a href="x>y'), ("/a", {}), ("b", {}), ("", "z"), ("/b", {}),
    ]),
    "a tag that is never closed": ("<p>a<b", [("p", {}), ("", "a<b")]),
    "a comment that is never closed": ("<p>a<!-- <b>b</b> c", [("p", {}), ("", "a")]),
    "a comment behind the last tag": ("<p>a<!-- b", [("p", {}), ("", "a")]),
    "a script that is never closed": ("<p>a<script> <b>b</b> c", [("p", {}), ("", "a")]),
    "an end without a name": ("a</>b</3>c", [("", "abc")]),
    "what looks like a comment in an attribute": ('<p title="<!--">a', [("p", {"title": "<!--"}), ("", "a")]),
}  # fmt: skip


@pytest.mark.parametrize(("body", "pieces"), UNUSUAL.values(), ids=UNUSUAL.keys())
def test_what_is_not_well_formed_loses_no_text(body: str, pieces: Found) -> None:
    assert joined(found(body)) == pieces

"""HTML that Intercom's composer does not write, but that macros, e-mails and the API bring along."""

from __future__ import annotations

import pytest

from leadline.intercom.plaintext import read

SHOWN = {
    "an item with its own number": ('<ol><li value="5">a</li><li>b</li></ol>', "5. a\n6. b"),
    "a number within a nested list": (
        '<ul><li>a<ol><li>b</li><li value="7">c</li></ol></li></ul>',
        "- a\n  1. b\n  7. c",
    ),
    "a number that is none": ('<ol start="x"><li value="y">a</li><li>b</li></ol>', "1. a\n2. b"),
    "numbers from zero": ('<ol start="0"><li>a</li><li>b</li></ol>', "0. a\n1. b"),
    "numbers below zero": ('<ol start="-1"><li>a</li><li>b</li><li>c</li></ol>', "-1. a\n0. b\n1. c"),
    "a bullet with a number": ('<ul><li value="5">a</li></ul>', "- a"),
    "powers": ("<p>10<sup>6</sup> m<sup>2</sup> and x<sup>-1</sup></p>", "10⁶ m² and x⁻¹"),
    "formulas": ("<p>H<sub>2</sub>O, CO<sub>2</sub></p>", "H₂O, CO₂"),
    "raised words stay words": ("<p>5<sup>th</sup>, a note<sup>[1]</sup></p>", "5th, a note[1]"),
    "a raised number with blanks": ("<p>m<sup> 2 </sup>a</p>", "m ² a"),
    "raised and never lowered again": ("<p>m<sup>2</p><p>7</p>", "m²\n\n⁷"),
    "a frame without a scheme": (
        '<p>see</p><iframe src="//www.loom.com/embed/1"></iframe>',
        "see\nhttps://www.loom.com/embed/1",
    ),
    "a link without a scheme": ('<p><a href="//x.example/a">here</a></p>', "here (https://x.example/a)"),
    "no address at all": ('<p>a</p><iframe src="//"></iframe><iframe src="about:blank"></iframe>', "a"),
    "what can be unfolded": ("<details><summary>More</summary>words</details><p>after</p>", "More\nwords\n\nafter"),
    "a line across": ("<p>a</p><hr><p>b</p>", "a\n\n---\n\nb"),
    "a line across in a paragraph": ("<p>a<hr/>b</p>", "a\n\n---\nb"),
    "a line across in a quote": ("<blockquote>a<hr>b</blockquote>", "> a\n> ---\n> b"),
    "entities": ("<p>&hellip; &#x1F600; &copy 2026 &amp;lt; &euro;</p>", "… 😀 © 2026 &lt; €"),
    "line ends in a row of cells": ("<table><tr><td>a<br>b</td><td>c</td></tr></table>", "a b | c"),
    "line ends in a cell alone": ("<table><tr><td>a<br>b</td></tr></table>", "a\nb"),
    "a table in a cell": (
        "<table><tr><td><table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table></td></tr>"
        "<tr><td>e</td></tr></table>",
        "a | b\nc | d\ne",
    ),
    "a table beside a cell": (
        "<table><tr><td><table><tr><td>a</td><td>b</td></tr></table></td><td>c</td></tr></table>",
        "a | b\nc",
    ),
    "a cell beside a table": (
        "<table><tr><td>x</td><td><table><tr><td>a</td><td>b</td></tr></table></td></tr><tr><td>y</td><td>z</td></tr>"
        "</table>",
        "x\n\na | b\ny | z",
    ),
    "a table with a caption and a head": (
        "<table><caption>Prices</caption><thead><tr><th>What</th><th>Price</th></tr></thead>"
        "<tbody><tr><td>Tea</td><td>2</td></tr></tbody></table>",
        "Prices\nWhat | Price\nTea | 2",
    ),
    "parts of a page": ("<header>a</header><main>b</main><footer>c</footer>", "a\nb\nc"),
    "an address between lines": ("<div>a<address>b</address>c</div>", "a\nb\nc"),
    "a form": ("<div><form><label>Name</label><select><option>a<option>b</select></form></div>", "Name\na\nb"),
    "empty cells": (
        "<table><tr><td></td><td>b</td></tr><tr><td>a</td><td></td><td>c</td></tr><tr><td>a</td><td></td></tr></table>",
        "| b\na | | c\na",
    ),
    "a definition": ("<dl><dt>Term</dt><dd>Words</dd></dl>", "Term\nWords"),
    "a quotation": ("<p>She said <q>yes</q>, I think</p>", 'She said "yes", I think'),
}


@pytest.mark.parametrize(("body", "text"), SHOWN.values(), ids=SHOWN.keys())
def test_shown_as(body: str, text: str) -> None:
    assert read(body).text == text


def test_a_picture_without_a_scheme_is_fetched_all_the_same() -> None:
    (picture,) = read('<p>a</p><img src="//x.example/a.png">').images
    assert picture.url == "https://x.example/a.png"

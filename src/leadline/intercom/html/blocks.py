"""What each tag does to the text: blocks become lines, lists get bullets, cells stand apart.

Called by intercom/plaintext.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from leadline.intercom.html.links import image_type, is_emoji, is_web, link, with_scheme
from leadline.intercom.html.tables import cells_of_lines
from leadline.intercom.html.tokens import attributes, decoded, tokens
from leadline.intercom.html.writer import SCRIPTS, STYLES, Writer
from leadline.model import Attachment

Act = Callable[[Writer, str, str], None]
_DEEPEST = 8  # quotes and lists are moved in no further
_UNSEEN = ("script", "style", "head", "title", "template")
_APART = ("h1", "h2", "h3", "h4", "h5", "h6", "table")
_LINES = (
    *("div", "figure", "figcaption", "section", "article", "header", "main", "footer", "nav", "aside", "address"),
    *("center", "form", "fieldset", "legend", "details", "summary", "caption", "option", "dl", "dt", "dd", "tr"),
)
_PLAYED = ("iframe", "video", "audio", "source", "embed")


def written(body: str) -> Writer:
    """A whole body, written. Of its tags those are followed that `ACTS` knows, `UNSEEN` inside what nobody sees."""
    writer = Writer(cells_of_lines(body))
    for text, name, rest, closed in tokens(body):
        if text and not writer.unseen:
            (writer.exactly if writer.verbatim else writer.text)(decoded(text))
        tag = name.lower()
        acts = UNSEEN if writer.unseen else ACTS
        if act := acts.get(tag):
            act(writer, tag, rest)
        if closed and (end := acts.get(f"/{tag}")):
            end(writer, f"/{tag}", "")
    writer.finish()
    return writer


def _hide(writer: Writer, _tag: str, _rest: str) -> None:
    writer.unseen += 1


def _unhide(writer: Writer, _tag: str, _rest: str) -> None:
    writer.unseen = max(0, writer.unseen - 1)


def _show(writer: Writer, _tag: str, _rest: str) -> None:
    """A page's body is seen, whatever was left open before it."""
    writer.unseen = 0


def _break(writer: Writer, _tag: str, _rest: str) -> None:
    writer.owe_one_more()
    writer.empty = False


def _begin_style(writer: Writer, tag: str, _rest: str) -> None:
    writer.begin_style(tag)


def _end_style(writer: Writer, tag: str, _rest: str) -> None:
    writer.end_style(tag[1:])


def _begin_script(writer: Writer, tag: str, _rest: str) -> None:
    writer.script = SCRIPTS[tag]


def _end_script(writer: Writer, _tag: str, _rest: str) -> None:
    writer.script = None


def _begin_quotation(writer: Writer, _tag: str, _rest: str) -> None:
    writer.write('"')


def _end_quotation(writer: Writer, _tag: str, _rest: str) -> None:
    writer.gap = False
    writer.write('"')


def _begin_link(writer: Writer, _tag: str, rest: str) -> None:
    values = attributes(rest)
    # A mention leads to a teammate inside Intercom, which says nothing to a customer.
    is_mention = "mention" in values.get("class", "")
    writer.begin_link("" if is_mention else link(values.get("href", "")))


def _end_link(writer: Writer, _tag: str, _rest: str) -> None:
    writer.end_link()


def _image(writer: Writer, _tag: str, rest: str) -> None:
    values = attributes(rest)
    url, alt = with_scheme(values.get("src", "").strip()), values.get("alt", "")
    if is_emoji(alt):
        writer.write(alt)
    elif is_web(url):
        writer.images.append(Attachment(image_type(url), url, name=alt))


def _played(writer: Writer, _tag: str, rest: str) -> None:
    if url := link(attributes(rest).get("src", "")):
        writer.owe(1)
        writer.write(url)
        writer.owe(1)


# -- blocks -----------------------------------------------------------------------------------------------------------


def _begin(writer: Writer, lines: int) -> None:
    """A block begins. The first one in a list's item stands beside its bullet."""
    if not writer.fresh:
        writer.owe(lines)
    writer.empty = False
    if not writer.in_cell:
        writer.cells = 0


def _lines_before(writer: Writer, rest: str) -> int:
    """The composer writes every line as a paragraph of class no-margin; only other paragraphs stand apart."""
    if writer.lists or ("no-margin" in rest and "no-margin" in attributes(rest).get("class", "")):
        return 1
    return 2


def _paragraph(writer: Writer, _tag: str, rest: str) -> None:
    lines = _lines_before(writer, rest)
    _begin(writer, lines)
    writer.empty = lines == 1


def _end_paragraph(writer: Writer, _tag: str, _rest: str) -> None:
    if writer.empty:
        writer.owe_one_more()
    else:
        writer.owe(1)


def _apart(writer: Writer, _tag: str, rest: str) -> None:
    _begin(writer, _lines_before(writer, rest))


def _line(writer: Writer, _tag: str, _rest: str) -> None:
    _begin(writer, 1)


def _end_block(writer: Writer, _tag: str, _rest: str) -> None:
    writer.owe(1)


def _rule(writer: Writer, _tag: str, rest: str) -> None:
    """A line across, in letters that cost an SMS nothing."""
    _begin(writer, _lines_before(writer, rest))
    writer.write("---")
    writer.owe(1)


def _verbatim(writer: Writer, _tag: str, rest: str) -> None:
    _begin(writer, _lines_before(writer, rest))
    writer.verbatim, writer.pre_begins = writer.verbatim + 1, True


def _end_verbatim(writer: Writer, _tag: str, _rest: str) -> None:
    writer.verbatim = max(0, writer.verbatim - 1)
    writer.owe(1)


def _quote(writer: Writer, _tag: str, rest: str) -> None:
    _begin(writer, _lines_before(writer, rest))
    writer.quotes, writer.quote_begins = min(writer.quotes + 1, _DEEPEST), True


def _end_quote(writer: Writer, _tag: str, _rest: str) -> None:
    writer.quotes = max(0, writer.quotes - 1)
    writer.owe(1)


# -- lists ------------------------------------------------------------------------------------------------------------


def _list(writer: Writer, tag: str, rest: str) -> None:
    writer.fresh = False
    _begin(writer, _lines_before(writer, rest))
    writer.lists.append(_first_number(attributes(rest)) if tag == "ol" else None)


def _first_number(values: Mapping[str, str]) -> int:
    return _number(values.get("start", ""), 1)


def _number(written: str, else_: int) -> int:
    """What a number of a list says, which may be negative; `else_` where it says none."""
    digits = written.strip().removeprefix("-")
    return int(written) if digits.isascii() and digits.isdigit() and len(digits) < 6 else else_


def _end_list(writer: Writer, _tag: str, _rest: str) -> None:
    if writer.lists:
        writer.lists.pop()
    writer.owe(1)


def _item(writer: Writer, _tag: str, rest: str) -> None:
    writer.fresh = False
    _begin(writer, 1)
    number = writer.lists[-1] if writer.lists else None
    if number is not None and rest:
        number = _number(attributes(rest).get("value", ""), number)
    writer.write("  " * (min(len(writer.lists), _DEEPEST) - 1) + ("- " if number is None else f"{number}. "))
    writer.fresh = True
    if number is not None:
        writer.lists[-1] = number + 1


# -- tables -----------------------------------------------------------------------------------------------------------


def _row(writer: Writer, _tag: str, _rest: str) -> None:
    writer.in_cell, writer.bars = False, 0
    _begin(writer, 1)


def _end_row(writer: Writer, _tag: str, _rest: str) -> None:
    writer.in_cell, writer.cells, writer.bars = False, 0, 0
    writer.owe(1)


def _cell(writer: Writer, _tag: str, _rest: str) -> None:
    """Cells of a row stand apart."""
    writer.bars += bool(writer.cells)
    writer.cells += 1
    writer.in_cell = next(writer.in_line, False)


def _end_cell(writer: Writer, _tag: str, _rest: str) -> None:
    writer.in_cell, writer.gap = False, True


UNSEEN: Mapping[str, Act] = {
    **dict.fromkeys(_UNSEEN, _hide),
    **dict.fromkeys([f"/{tag}" for tag in _UNSEEN], _unhide),
    "body": _show,
}
ACTS: Mapping[str, Act] = {
    **UNSEEN,
    **dict.fromkeys(STYLES, _begin_style),
    **dict.fromkeys([f"/{tag}" for tag in STYLES], _end_style),
    **dict.fromkeys(_APART, _apart),
    **dict.fromkeys(_LINES, _line),
    **dict.fromkeys([f"/{tag}" for tag in (*_APART, *_LINES, "li")], _end_block),
    **dict.fromkeys(_PLAYED, _played),
    **dict.fromkeys(SCRIPTS, _begin_script),
    **dict.fromkeys([f"/{tag}" for tag in SCRIPTS], _end_script),
    "q": _begin_quotation,
    "/q": _end_quotation,
    "hr": _rule,
    "br": _break,
    "img": _image,
    "a": _begin_link,
    "/a": _end_link,
    "p": _paragraph,
    "/p": _end_paragraph,
    "pre": _verbatim,
    "/pre": _end_verbatim,
    "blockquote": _quote,
    "/blockquote": _end_quote,
    **dict.fromkeys(("ul", "ol"), _list),
    **dict.fromkeys(("/ul", "/ol"), _end_list),
    "li": _item,
    **dict.fromkeys(("td", "th"), _cell),
    **dict.fromkeys(("/td", "/th"), _end_cell),
    "tr": _row,
    **dict.fromkeys(("/tr", "/table"), _end_row),
}

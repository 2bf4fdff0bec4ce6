"""Message bodies: plain text to the HTML Intercom stores, teammates' HTML made safe, and HTML back to plain text."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

_KEPT = {"p", "br", "b", "strong", "i", "em", "u", "a", "ul", "ol", "li", "h1", "h2", "pre", "code", "img", "div"}
_EMPTY = {"br", "img"}
_DROPPED = {"script", "style", "template", "iframe", "object", "svg", "title"}
_LINK = re.compile(r"^(https?|mailto|tel):", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^>]*>")


def from_text(text: str, css: str = "") -> str:
    """Plain text as Intercom stores it: escaped, blank lines part paragraphs, other line ends become `<br>`."""
    open_tag = f'<p class="{css}">' if css else "<p>"
    blocks = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
    return "\n".join(f"{open_tag}{html.escape(block, quote=False).replace(chr(10), '<br>')}</p>" for block in blocks)


def from_teammate(body: str, css: str = "") -> str:
    """A teammate's body: HTML is cut down to harmless tags, anything else is plain text."""
    if not _TAG.search(body):
        return from_text(body, css)
    cleaner = _Cleaner()
    cleaner.feed(body)
    cleaner.close()
    return cleaner.result()


def to_text(body: str | None) -> str | None:
    """The plain text of an HTML body: links as `label (url)`, images as `[Image "url"]` (display_as=plaintext)."""
    if body is None:
        return None
    reader = _TextReader()
    reader.feed(body)
    reader.close()
    return re.sub(r"\n{3,}", "\n\n", "".join(reader.pieces)).strip()


class _Cleaner(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.open: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _DROPPED:
            self.silent += 1
        if tag not in _KEPT or self.silent:
            return
        self.pieces.append(f"<{tag}{_safe_attributes(tag, attrs)}>")
        if tag not in _EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _DROPPED:
            self.silent = max(0, self.silent - 1)
        if tag not in self.open or self.silent:
            return
        while (last := self.open.pop()) != tag:
            self.pieces.append(f"</{last}>")
        self.pieces.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.pieces.append(html.escape(data, quote=False))

    def result(self) -> str:
        text = "".join(self.pieces) + "".join(f"</{tag}>" for tag in reversed(self.open))
        return text if text.lstrip().startswith(("<p", "<h", "<ul", "<ol", "<div", "<pre")) else f"<p>{text}</p>"


def _safe_attributes(tag: str, attrs: list[tuple[str, str | None]]) -> str:
    name = {"a": "href", "img": "src"}.get(tag)
    value = next((value for key, value in attrs if key == name and value and _LINK.match(value)), None)
    return f' {name}="{html.escape(value)}"' if value else ""


class _TextReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "br":
            self.pieces.append("\n")
        elif tag == "li":
            self.pieces.append("\n- ")
        elif tag == "img":
            self.pieces.append(f'[Image "{values.get("src") or ""}"]')
        elif tag == "a":
            self.links.append((values.get("href") or "", len(self.pieces)))

    def handle_endtag(self, tag: str) -> None:
        if tag in {"p", "h1", "h2", "ul", "ol", "pre", "div"}:
            self.pieces.append("\n\n" if tag == "p" else "\n")
        elif tag == "a" and self.links:
            url, start = self.links.pop()
            if url and "".join(self.pieces[start:]).strip() != url:
                self.pieces.append(f" ({url})")

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)

"""A customer's message as one plain text for Intercom: what it answers, is about and says. `contents.py` calls it."""

from __future__ import annotations

from collections.abc import Iterable

from leadline.channels.text import split
from leadline.model import Ad, Forwarded, Inbound, Product, Quote

QUOTED = 300  # characters of a quoted message; the rest stands further up
_AUTHORS = {"business": "You wrote", "customer": "They wrote"}


def worded(message: Inbound, quote: Quote | None, *more: str) -> str:
    """The whole text. quote: the message's own, with the words that are on record. more: lines about its files."""
    if message.change == "withdrawn":
        known = _of(quote) or _of(Quote(text=message.text))
        return _signed(message, [f"[Took back a message{known}]"])
    parts = [
        f"[Edited a message{_of(quote)}]" if message.change == "edited" else quoted(quote),
        _forwarded(message.forwarded),
        _about(message.product),
        message.text,
        _advertised(message.ad),
        *more,
    ]
    return _signed(message, parts)


def quoted(quote: Quote | None) -> str:
    """A line, begun as mail programs begin one, that says what is answered."""
    if quote is None:
        return ""
    who = _AUTHORS.get(quote.author, f"{quote.author} wrote" if quote.author else "")
    said = _said(quote)
    if not said:
        return "> An earlier message"
    return f"> {who}: {said}" if who else f"> {said}"


def _of(quote: Quote | None) -> str:
    said = _said(quote) if quote else ""
    return f": “{said}”" if said else ""


def _said(quote: Quote) -> str:
    """The words on one line, or the name of the file."""
    said = " ".join(quote.text.split())
    if not said:
        return f"[{quote.file}]" if quote.file else ""
    return said if len(said) <= QUOTED else f"{split(said[: 2 * QUOTED], QUOTED)[0]}…"


def _forwarded(forwarded: Forwarded | None) -> str:
    if forwarded is None:
        return ""
    often = "Forwarded many times" if forwarded.often else "Forwarded"
    return f"[{often} from {forwarded.origin}]" if forwarded.origin else f"[{often}]"


def _about(product: Product | None) -> str:
    if product is None:
        return ""
    facts = (product.name, product.price, product.product_id, product.url)
    return f"[About the product: {', '.join(filter(None, facts))}]" if any(facts) else "[About a product]"


def _advertised(ad: Ad | None) -> str:
    if ad is None:
        return ""
    told = " ".join(filter(None, (ad.headline or ad.text, ad.url)))
    number = f" (ad {ad.source_id})" if ad.source_id else ""
    return f"[From the advertisement: {told}{number}]" if told else f"[From an advertisement{number}]"


def _signed(message: Inbound, parts: Iterable[str]) -> str:
    """The parts as lines, or a word that there are none; in a group, who wrote stands before them."""
    text = "\n".join(part for part in parts if part) or "[empty message]"
    return f"{message.author}: {text}" if message.author else text

"""How the kinds of content read that many channels share: places, cards, orders, forms, polls, calls. Adapters use it.

Each becomes lines in square brackets, so that people can tell them from the customer's own words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from leadline.channels.anything import as_lines

UNREAD = "[A message whose content Leadline could not read]"
WITHDRAWN_REACTION = "[Took a reaction back]"
_KINDS = {
    "order": "an order",
    "poll_creation": "a poll",
    "poll_update": "a vote in a poll",
    "event": "an event",
    "list": "a list",
    "live_location": "a live location",
    "video_note": "a video message",
    "view_once": "a picture or video to be seen once",
    "pin": "a pinned message",
    "keep_in_chat": "a kept message",
}
_WHOLE = frozenset(
    [
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
        "XTR",
    ]
)
"""Currencies without a smaller unit (ISO 4217, read in November 2026), and Telegram's stars."""
_THOUSANDTHS = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])
_FORMS = {"flow": "", "address_message": "address"}  # names that are only WhatsApp's own
_ANSWERS = msgspec.json.Decoder()
_TOKENS = frozenset({"flow_token", "flow_id", "wa_flow_response_params", "token"})
_FIELD = re.compile(r"^(?:screen_\d+_)?(.+?)(?:_\d+)?$", re.ASCII)


def lines(*parts: str | None) -> str:
    """What there is of these, a line each."""
    return "\n".join(part for part in parts if part)


def listed(what: str, *parts: object) -> str:
    """`[What: one, two]`, or `[What]` where there is nothing to tell."""
    told_ones = ", ".join(text for part in parts if part is not None and (text := str(part).strip()))
    return f"[{what}: {told_ones}]" if told_ones else f"[{what}]"


def not_passed_on(provider: str, kind: str, why: str = "") -> str:
    """A kind of message that the provider keeps to itself."""
    what = _KINDS.get(kind) or ("a message" if kind in ("", "unsupported", "unknown") else f"this {kind}")
    return listed(f"{provider} did not pass on {what.replace('_', ' ')}", why)


def lost_files(provider: str, count: int) -> str:
    """Files a message had that the provider names no address of; empty where there is none."""
    return f"[Files that {provider} did not pass on: {count}]" if count > 0 else ""


def place(latitude: object, longitude: object, *names: str | None, live: bool = False) -> str:
    """A location with all that is said of it."""
    point = f"{latitude}, {longitude}" if f"{latitude}{longitude}" else ""
    return listed("Live location" if live else "Location", *names, point)


def card(name: str | None, *details: Iterable[str | None], what: str = "Contact") -> str:
    """A contact card: name, then numbers, addresses, whatever else it has."""
    return listed(what, name, *(each for some in details for each in some))


def reacted(emoji: str | None) -> str:
    """A reaction, or its end."""
    return f"[Reacted with {emoji}]" if emoji else WITHDRAWN_REACTION


def ordered(items: Iterable[tuple[object, str, object, str]], total: str = "") -> str:
    """An order: a line for each article with quantity, name, price and currency."""
    articles = [
        " ".join(filter(None, (f"{quantity} x {name}", f"at {price} {currency}".rstrip() if f"{price}" else "")))
        for quantity, name, price, currency in items
    ]
    return lines("[Order]", *(f"- {article}" for article in articles), f"Total: {total}" if total else "")


def polled(question: str, options: Iterable[str], what: str = "Poll") -> str:
    """A poll or a checklist with everything to choose from."""
    return lines(listed(what, question), *(f"- {option}" for option in options))


def filled(answers: str | bytes, name: str | None = "") -> str:
    """A form that was filled in: a line for each question with its answer, without what only machines need.

    answers: JSON as the provider passes it on; text that is none is shown as it is.
    """
    try:
        value = _ANSWERS.decode(answers)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        value = answers if isinstance(answers, str) else answers.decode("utf-8", "replace")
    head = listed("Form filled in", _FORMS.get(name or "", name))
    if not isinstance(value, dict):
        return lines(head, *as_lines(value))
    return lines(
        head, *as_lines({_question(key): _answer(key, each) for key, each in value.items() if key not in _TOKENS})
    )


def called(seconds: float | None, *, missed: bool) -> str:
    """A call, as one line."""
    if missed:
        return "[Missed call]"
    return f"[Call of {seconds / 60:.0f} minutes]" if seconds and seconds >= 90 else "[Call]"


def paid(amount: float, currency: str, about: str = "", *, what: str = "Paid") -> str:
    """A payment; amount: in the smallest unit of its currency."""
    return listed(what, money(amount, currency), about)


def money(amount: float, currency: str) -> str:
    """An amount in the smallest unit of its currency, most of which have hundred of them, as people write it."""
    digits = 0 if currency in _WHOLE else 3 if currency in _THOUSANDTHS else 2
    return f"{amount / 10**digits:.{digits}f} {'stars' if currency == 'XTR' else currency}"


def _question(key: str) -> str:
    found = _FIELD.match(key)
    return (found[1] if found else key).replace("_", " ").strip() or key


def _answer(key: str, value: Any) -> Any:
    """Date pickers answer with milliseconds, boxes with true and false; people read days, yes and no."""
    if isinstance(value, Mapping):
        return {name: _answer(name, each) for name, each in value.items() if name not in _TOKENS}
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value)
    if "date" in key.lower() and text.isascii() and text.isdigit() and 12 <= len(text) <= 13:
        return datetime.fromtimestamp(int(text) / 1000, UTC).date().isoformat()
    return value

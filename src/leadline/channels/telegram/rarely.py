"""Kinds of Telegram message that bots rarely get: rich messages, stories, games, gifts, raffles. Used by `words.py`.

Source: Bot API 10.1, November 2026.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from leadline.channels.http import tried
from leadline.channels.telegram import contents, wire
from leadline.channels.words import lines, listed, money, paid, place

_FILE = msgspec.json.Decoder(contents.File)
FILES = ("photo", "live_photo", "video", "animation", "audio", "voice_note")
"""What a block of a rich message, or a piece of paid media, may hold a file under."""


def described(content: wire.Content) -> str:
    """The message in words; empty where it is of no such kind."""
    if content.rich_message is not None:
        return "\n".join(_written(content.rich_message.blocks))
    if (story := content.story) is not None:
        return listed("Forwarded a story", story.chat.title or story.chat.first_name if story.chat else "")
    if (game := content.game) is not None:
        return listed("Game", game.title, game.description, game.text)
    if (media := content.paid_media) is not None:
        return listed("Paid media", f"{media.star_count} stars")
    if content.passport_data is not None:
        return "[Documents of Telegram Passport, which only the program that asked for them can read]"
    return _dealt(content) or _given(content) or _raffled(content)


def files_of(content: wire.Content) -> tuple[contents.File, ...]:
    """The files in a rich message or behind paid media, each in its largest size."""
    blocks = content.rich_message.blocks if content.rich_message is not None else []
    media = content.paid_media.paid_media if content.paid_media is not None else []
    return tuple(_files([*blocks, *media]))


def _dealt(content: wire.Content) -> str:
    if (invoice := content.invoice) is not None:
        price = money(invoice.total_amount, invoice.currency)
        return listed("Invoice", invoice.title, invoice.description, price)
    if (payment := content.refunded_payment) is not None:
        return paid(payment.total_amount, payment.currency, payment.invoice_payload, what="Paid back")
    return ""


def _given(content: wire.Content) -> str:
    if (present := content.gift or content.gift_upgrade_sent) is not None:
        emoji = present.gift.sticker.emoji if present.gift.sticker else ""
        what = "Upgraded a gift" if content.gift is None else "Gift"
        return lines(listed(what, emoji, f"{present.gift.star_count} stars"), present.text)
    if (unique := content.unique_gift) is not None:
        return listed("Gift", unique.gift.base_name, f"number {unique.gift.number}")
    return ""


def _raffled(content: wire.Content) -> str:
    if (raffle := content.giveaway) is not None:
        return listed("Raffle", raffle.prize_description, f"{raffle.winner_count} winners")
    if (raffle := content.giveaway_winners or content.giveaway_completed) is not None:
        return listed("Raffle that is over", raffle.prize_description, f"{raffle.winner_count} winners")
    return ""


# -- rich messages ----------------------------------------------------------------------------------------------------


def _written(blocks: object) -> Iterator[str]:
    """The words of blocks, a line for each place that holds some."""
    for block in blocks if isinstance(blocks, list) else ():
        if isinstance(block, dict):
            yield from filter(None, _block(block))


def _block(block: dict[str, Any]) -> Iterator[str]:
    match block.get("type"):
        case "list":
            for item in _dicts(block.get("items")):
                yield " ".join(filter(None, (_ticked(item), "\n".join(_written(item.get("blocks"))))))
        case "table":
            yield _words(block.get("caption"))
            for row in _lists(block.get("cells")):
                yield " | ".join(_words(cell) for cell in row)
        case _:
            yield _words(block.get("summary")) or _words(block)
            yield from _written(block.get("blocks"))
            yield _words(block.get("caption"))
            yield _words(block.get("credit"))
    if isinstance(spot := block.get("location"), dict):
        yield place(spot.get("latitude", ""), spot.get("longitude", ""))


def _ticked(item: dict[str, Any]) -> str:
    box = ("[x]" if item.get("is_checked") else "[ ]") if item.get("has_checkbox") else ""
    return " ".join(filter(None, (str(item.get("label") or ""), box)))


def _words(rich: object) -> str:
    """Rich text as plain text: a text, a list of such, or a text with a style or an address."""
    if isinstance(rich, list):
        return "".join(map(_words, rich))
    if not isinstance(rich, dict):
        return rich if isinstance(rich, str) else ""
    inner = _words(rich.get("text") or rich.get("alternative_text") or rich.get("expression"))
    url = rich.get("url")
    return f"{inner} ({url})" if isinstance(url, str) and url != inner else inner


def _files(blocks: Sequence[object]) -> Iterator[contents.File]:
    for block in blocks:
        if isinstance(block, list):
            yield from _files(block)
        elif isinstance(block, dict):
            yield from _own_files(block)
            yield from _files([block.get("blocks"), block.get("items")])


def _own_files(block: dict[str, Any]) -> Iterator[contents.File]:
    for value in map(block.get, FILES):
        largest = value[-1] if isinstance(value, list) and value else value
        file = tried(_FILE, msgspec.json.encode(largest)) if isinstance(largest, dict) else None
        if file is not None and file.file_id:
            yield file


def _dicts(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _lists(value: object) -> list[list[Any]]:
    return [each for each in value if isinstance(each, list)] if isinstance(value, list) else []

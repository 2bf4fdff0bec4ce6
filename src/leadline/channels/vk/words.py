"""VK messages as types, as text for people, and their files. Used by `events.py`.

Source: VK's JSON schema of messages, 5.199, November 2026.
"""

from __future__ import annotations

import re

import msgspec

from leadline.channels.anything import unknown
from leadline.channels.http import tried
from leadline.channels.words import called, lines, listed, place, polled
from leadline.media import UNTYPED, type_of
from leadline.model import Attachment, Product, Quote


class _Size(msgspec.Struct):
    url: str
    width: int = 0
    height: int = 0


class _Price(msgspec.Struct):
    text: str | None = None


class _Answer(msgspec.Struct):
    text: str = ""


class _Content(msgspec.Struct):
    """Whatever is attached; only the fields people see."""

    id: int = 0
    owner_id: int | None = None
    artist: str | None = None
    attachments: list[dict[str, msgspec.Raw]] = []
    sizes: list[_Size] | None = None
    images: list[_Size] | None = None
    url: str | None = None
    link_mp3: str | None = None
    title: str | None = None
    text: str | None = None
    description: str | None = None
    caption: str | None = None
    question: str | None = None
    answers: list[_Answer] | None = None
    price: _Price | None = None
    amount: _Price | None = None
    join_link: str | None = None
    address: str | None = None
    ext: str | None = None
    state: str | None = None
    duration: float | None = None


class _Point(msgspec.Struct):
    latitude: float | str = ""
    longitude: float | str = ""


class _Venue(msgspec.Struct):
    title: str | None = None


class _Geo(msgspec.Struct):
    coordinates: _Point | None = None
    place: _Venue | None = None


class Foreign(msgspec.Struct):
    """A message inside another one: answered, forwarded, or forwarded with it again."""

    id: int | None = None
    conversation_message_id: int | None = None
    from_id: int = 0
    text: str = ""
    attachments: list[dict[str, msgspec.Raw]] = []
    geo: _Geo | None = None
    fwd_messages: list[Foreign] = []


class Head(msgspec.Struct):
    """What is needed to deliver a message even when its content cannot be read."""

    from_id: int
    peer_id: int = 0
    id: int = 0
    date: int = 0


class Message(Head):
    """A message; `attachments` stay raw until each is read alone."""

    text: str = ""
    attachments: list[dict[str, msgspec.Raw]] = []
    geo: _Geo | None = None
    fwd_messages: list[Foreign] = []
    reply_message: Foreign | None = None
    payload: str | None = None
    ref: str | None = None
    ref_source: str | None = None
    action: dict[str, msgspec.Raw] | None = None


KNOWN = frozenset(
    {"gift", "story", "wall", "wall_reply", "video", "audio", "link", "article", "podcast", "podcasts", "doc", "photo"}
    | {"audio_message", "graffiti", "sticker", "ugc_sticker", "album", "market_album", "market_market_album", "event"}
    | {"video_playlist", "audio_playlist", "video_message", "narrative", "mini_app", "artist", "curator"}
    | {"money_transfer", "money_request", "group_call_in_progress"}
)
WORDLESS = frozenset({"gift", "story", "wall", "wall_reply", "video_message"})
PAGES = {
    **{kind: kind for kind in ("wall", "photo", "video", "audio", "story", "podcast", "narrative", "album")},
    "video_message": "video",
}
"""Kinds that have a page of their own, and how its address begins."""
NAMED = {
    "podcasts": "Podcast",
    "market_market_album": "Selection of products",
    "market_album": "Selection of products",
    "group_call_in_progress": "Group call",
}
_MENTION = re.compile(r"\[(?:id|club|public|event)[0-9]+\|([^\[\]|]+)\]", re.ASCII)
_LINK = re.compile(r"\[(https?://[^\[\]|\s]+)\|([^\[\]|]+)\]", re.ASCII)
_CONTENT = msgspec.json.Decoder(_Content)
_KIND = msgspec.json.Decoder(str)


def attachments(message: Message | Foreign) -> tuple[Attachment, ...]:
    """The files of a message and of all that it forwards, by their addresses."""
    own = [file for item in message.attachments for file in _files(*_read(item))]
    return tuple(dict.fromkeys([*own, *(file for other in message.fwd_messages for file in attachments(other))]))


def readable(message: Message | Foreign) -> str:
    """The message in words: the customer's own, and a line in square brackets for whatever is no text and no file."""
    described = (_described(item) for item in message.attachments)
    place_line = ""
    if (geo := message.geo) is not None:
        spot = geo.coordinates or _Point()
        place_line = place(spot.latitude, spot.longitude, geo.place.title if geo.place else "")
    return lines(_plain(message.text), *described, place_line, *(_forwarded(other) for other in message.fwd_messages))


def origin(message: Message) -> str:
    """The link that brought the customer here: `vk.me/community?ref=summer&ref_source=poster`."""
    return listed("Came by a link with the code " + message.ref, message.ref_source) if message.ref else ""


def _plain(text: str) -> str:
    """VK's own markup as plain text: people and communities by the name that is shown, links with their address."""
    return _LINK.sub(r"\2 (\1)", _MENTION.sub(r"\1", text))


def quote_of(message: Message) -> Quote | None:
    """The message that this one answers, with its words."""
    answered = message.reply_message
    if answered is None:
        return None
    files = attachments(answered)
    author = "business" if answered.from_id < 0 else "customer" if answered.from_id == message.from_id else ""
    number = str(answered.id) if answered.id else ""
    return Quote(provider_id=number, text=readable(answered), file=files[0].name if files else "", author=author)


def product_of(message: Message) -> Product | None:
    """The article of the community's shop that is attached."""
    for kind, content, _ in map(_read_whole, message.attachments):
        if kind == "market":
            price = content.price.text if content.price else ""
            return Product(product_id=str(content.id or ""), name=content.title or "", price=price or "")
    return None


def _forwarded(other: Foreign) -> str:
    words = readable(other)
    author = f" from {'the community' if other.from_id < 0 else f'member {other.from_id}'}" if other.from_id else ""
    return lines(f"[Forwarded{author}]", words)


def _described(item: dict[str, msgspec.Raw]) -> str:
    """What is no file in words; of a kind nobody knows, all that it holds."""
    kind, content, raw = _read_whole(item)
    if kind == "market":
        return ""
    if _file(kind, content) is not None:
        return content.text or "" if kind == "photo" else ""
    if kind == "poll":
        return polled(content.question or "", (answer.text for answer in content.answers or ()))
    if kind == "call":
        return called(content.duration, missed=content.state != "reached")
    price = content.amount.text if content.amount else ""
    words = [content.artist, content.title, content.text, price, content.description, content.caption, content.url]
    words += [content.join_link, content.address]
    page = "" if content.url else _page(kind, content)
    if kind in KNOWN and (any(words) or page or kind in WORDLESS):
        return listed(NAMED.get(kind, kind.replace("_", " ").capitalize()), *words, page)
    return unknown(kind, raw)[0]


def _page(kind: str, content: _Content) -> str:
    """Where VK shows it: `wall-1_2` is the second post of community 1."""
    begins = PAGES.get(kind, "")
    return (
        f"https://vk.com/{begins}{content.owner_id}_{content.id}" if begins and content.owner_id and content.id else ""
    )


def _read_whole(item: dict[str, msgspec.Raw]) -> tuple[str, _Content, bytes]:
    kind, content = _read(item)
    return kind, content, bytes(item.get(kind, b"")) or msgspec.json.encode(item)


def _read(item: dict[str, msgspec.Raw]) -> tuple[str, _Content]:
    """Kind and content of an attachment; empty where they cannot be read."""
    kind = tried(_KIND, bytes(item.get("type", b""))) or ""
    return kind, tried(_CONTENT, bytes(item.get(kind, b"{}"))) or _Content()


def _files(kind: str, content: _Content) -> list[Attachment]:
    """The file that is attached, or those of a post that is."""
    own = _file(kind, content)
    return [own] if own else [file for item in content.attachments if (file := _file(*_read(item)))]


def _file(kind: str, content: _Content) -> Attachment | None:
    if kind == "photo" and content.sizes:
        return Attachment(content_type="image/jpeg", url=_largest(content.sizes))
    if kind in ("sticker", "ugc_sticker") and content.images:
        return Attachment(content_type="image/png", url=_largest(content.images))
    if kind == "audio_message" and content.link_mp3:
        return Attachment(content_type="audio/mpeg", url=content.link_mp3)
    if kind == "graffiti" and content.url:
        return Attachment(content_type="image/png", url=content.url)
    if kind == "doc" and content.url:
        name = content.title or (f"file.{content.ext}" if content.ext else "")
        kind = type_of(name) if type_of(name) != UNTYPED else type_of(f"x.{content.ext}")
        return Attachment(content_type=kind, url=content.url, name=name)
    return None


def _largest(sizes: list[_Size]) -> str:
    return max(sizes, key=lambda size: size.width * size.height).url

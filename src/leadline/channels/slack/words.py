"""Slack's messages as text for people, and their files. Used by `events.py`.

Source: Slack's pages on message formatting, blocks and files, November 2026.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import msgspec

from leadline.channels.anything import as_lines, unknown
from leadline.channels.http import lenient, tried
from leadline.channels.slack import wire
from leadline.channels.words import UNREAD, lines, listed
from leadline.media import UNTYPED
from leadline.model import Attachment

LINK = re.compile(r"<([^<>\n]+)>")
_SHARED = msgspec.json.Decoder(wire.Shared)
_FILE = msgspec.json.Decoder(wire.File)
_ANY = msgspec.json.Decoder()
_HEAD = msgspec.json.Decoder(wire.Message)
AROUND = frozenset(
    {"type", "subtype", "channel", "channel_type", "user", "ts", "thread_ts", "event_ts", "team", "client_msg_id"}
    | {"parent_user_id", "user_team", "source_team", "text", "bot_profile"}
)


def contents(message: wire.Message) -> tuple[str, tuple[Attachment, ...]]:
    """Words and files: the message's own, those of its blocks where it has no text, and those of what it shares."""
    files, missing = _files(message.files)
    shared = [_share(tried(_SHARED, bytes(item)), bytes(item)) for item in message.attachments or ()]
    words = readable(message.text) or "\n".join(block_words(bytes(message.blocks)))
    text = lines(words, *(share for share, _ in shared), *missing)
    return text, (*files, *(file for _, others in shared for file in others))


def strange(raw: bytes) -> tuple[str, tuple[Attachment, ...]]:
    """All of a message in which nothing is known."""
    kind = (tried(_HEAD, raw) or wire.Message()).subtype or ""
    return unknown(kind, raw, AROUND)


def _share(shared: wire.Shared | None, raw: bytes) -> tuple[str, tuple[Attachment, ...]]:
    """A shared message as words and files. A preview that Slack hangs on a link says nothing of the customer."""
    if shared is None:
        text, files = unknown("", raw)
        return lines(UNREAD, text.partition("\n")[2]), files
    if shared.from_url and not shared.is_share:
        return "", ()
    files, missing = _files(shared.files)
    words = readable(shared.text or "") or "\n".join(block_words(bytes(shared.message_blocks)))
    head = " ".join(filter(None, (shared.title, shared.title_link)))
    rows = (f"{row.title}: {row.value}" for row in shared.fields or ())
    titled = lines(shared.pretext, head, words, *rows, shared.footer) or shared.fallback or ""
    name = listed("Forwarded from " + shared.author_name) if shared.author_name else ""
    return lines(name, titled, *missing), files


def is_share(message: wire.Message) -> bool:
    shared = [tried(_SHARED, bytes(item)) for item in message.attachments or ()]
    return any(share is not None and share.is_share and not share.author_name for share in shared)


RICH = ("rich_text_section", "rich_text_preformatted", "rich_text_quote")


def block_words(raw: bytes) -> list[str]:
    """The words of a message's blocks, a line for each place that holds some."""
    try:
        value = lenient(_ANY, raw)
    except (msgspec.DecodeError, RecursionError):
        return []
    blocks = value if isinstance(value, list) else [value]
    return [line for block in blocks for line in (list(_texts(block)) or _other(block))]


def _other(block: object) -> list[str]:
    """A block whose words are none of Slack's texts; a line across says nothing."""
    if not isinstance(block, dict) or block.get("type") == "divider":
        return []
    return as_lines({name: value for name, value in block.items() if name not in ("type", "block_id")})


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        elements = value.get("elements")
        if value.get("type") in RICH and isinstance(elements, list):
            yield "".join(_inline(element) for element in elements if isinstance(element, dict))
            return
        if value.get("type") == "image":
            title = value.get("title")
            name = title.get("text") if isinstance(title, dict) else title
            yield listed("Picture", name, value.get("alt_text"), value.get("image_url"))
            return
        if isinstance(value.get("text"), str):
            yield readable(value["text"])
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _inline(element: dict[str, object]) -> str:
    """One stretch of rich text: words, a link, an emoji, or somebody's name."""
    text, url = element.get("text"), element.get("url")
    if isinstance(url, str):
        return url if not isinstance(text, str) or text == url else f"{text} ({url})"
    names = (text, *map(element.get, ("name", "fallback", "range", "user_id", "channel_id", "usergroup_id", "value")))
    found = next((name for name in names if isinstance(name, str)), "")
    signs = {"emoji": f":{found}:", "broadcast": f"@{found}"}
    return signs.get(str(element.get("type")), found)


def readable(text: str) -> str:
    """Slack's markup as plain text: links with their words, people and channels by name, escapes undone."""
    return html.unescape(LINK.sub(lambda found: _linked(found[1]), text))


def _linked(inner: str) -> str:
    target, _, label = inner.partition("|")
    if target[:1] in "@#":
        return f"{target[0]}{(label or target[1:]).lstrip('@#')}"
    if target[:1] == "!":
        return label or f"@{target[1:].partition('^')[0]}"
    address = target.removeprefix("mailto:").removeprefix("tel:")
    return address if not label or label == address else f"{label} ({address})"


def _files(items: list[msgspec.Raw] | None) -> tuple[tuple[Attachment, ...], tuple[str, ...]]:
    """The files that Slack keeps, and a line for each other one."""
    files, missing = [], []
    for item in items or ():
        file = tried(_FILE, bytes(item)) or wire.File()
        if file.is_external or file.mode in ("tombstone", "hidden_by_limit") or not file.id:
            words = ": ".join(filter(None, (file.name, file.url_private if file.is_external else "")))
            missing.append(f"[File {words}]" if words else "[A file that Slack does not give away]")
            continue
        url = file.url_private_download or file.url_private or ""
        kind = file.mimetype or UNTYPED
        files.append(Attachment(content_type=kind, url=url, ref=file.id, name=file.name or ""))
    return tuple(files), tuple(missing)


def ids(items: list[msgspec.Raw] | None) -> list[str]:
    return [(tried(_FILE, bytes(item)) or wire.File()).id for item in items or ()]

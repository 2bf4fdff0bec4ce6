"""The JSON of Slack's Events API as types. Used by `events.py` and `words.py`.

Source: Slack's Events API pages, November 2026.
"""

from __future__ import annotations

import msgspec


class File(msgspec.Struct):
    id: str = ""
    name: str | None = None
    mimetype: str | None = None
    mode: str = ""
    is_external: bool = False
    url_private: str | None = None
    url_private_download: str | None = None


class Head(msgspec.Struct):
    type: str = ""


class Row(msgspec.Struct):
    title: str = ""
    value: str = ""


class Shared(msgspec.Struct):
    """A message that was shared, or what an app hangs on one."""

    is_share: bool = False
    text: str | None = None
    fallback: str | None = None
    title: str | None = None
    title_link: str | None = None
    from_url: str | None = None
    author_name: str | None = None
    pretext: str | None = None
    footer: str | None = None
    fields: list[Row] | None = None
    files: list[msgspec.Raw] | None = None
    message_blocks: msgspec.Raw = msgspec.Raw(b"null")


class Item(msgspec.Struct):
    channel: str = ""
    ts: str = ""


class Reacted(Head):
    user: str = ""
    reaction: str = ""
    item: Item = msgspec.field(default_factory=Item)
    event_ts: str = ""


class Message(Head):
    subtype: str | None = None
    channel: str = ""
    channel_type: str = ""
    user: str | None = None
    bot_id: str | None = None
    app_id: str | None = None
    text: str = ""
    ts: str = ""
    thread_ts: str | None = None
    files: list[msgspec.Raw] | None = None
    attachments: list[msgspec.Raw] | None = None
    blocks: msgspec.Raw = msgspec.Raw(b"null")
    message: msgspec.Raw = msgspec.Raw(b"null")
    previous_message: msgspec.Raw = msgspec.Raw(b"null")


class Body(msgspec.Struct):
    """What all requests have. `challenge` comes with the test of the address."""

    type: str
    team_id: str = ""
    challenge: str = ""
    event: msgspec.Raw = msgspec.Raw(b"null")

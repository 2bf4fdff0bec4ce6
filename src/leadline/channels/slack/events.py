"""Reads Slack's Events API, one event a request. Called by `adapter.py`.

Source: Slack's Events API pages and its list of message subtypes, November 2026.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from leadline.channels.exchange import Parsed
from leadline.channels.http import decoded, tried
from leadline.channels.slack import wire
from leadline.channels.slack.noise import LEFT_ALONE, SERVICE
from leadline.channels.slack.words import contents, ids, is_share, readable, strange
from leadline.channels.words import reacted
from leadline.errors import Unreadable
from leadline.model import Forwarded, Handle, Inbound, Quote

SLACKBOT = "USLACKBOT"
"""Slack itself: reminders, automatic answers, what stands where a message was deleted."""

MOMENT = re.compile(r"[0-9]{1,12}\.[0-9]{1,9}", re.ASCII)
"""The time that names a message in its channel."""

_BODY = msgspec.json.Decoder(wire.Body)
_HEAD = msgspec.json.Decoder(wire.Head)
_MESSAGE = msgspec.json.Decoder(wire.Message)
_REACTED = msgspec.json.Decoder(wire.Reacted)


def read_body(body: bytes) -> wire.Body:
    """The request, its event unread; raises Unreadable."""
    return decoded(_BODY, body)


def read_event(body: bytes, own: frozenset[str]) -> Parsed:
    """What an event says; raises Unreadable. `own`: user ids of the business's own people, who are no customers."""
    whole = read_body(body)
    if whole.type != "event_callback":
        raise Unreadable(f"Slack says '{whole.type[:60]}', which is no event: it may have dropped some")
    kind = decoded(_HEAD, bytes(whole.event)).type
    if kind in ("reaction_added", "reaction_removed"):
        return _reaction(decoded(_REACTED, bytes(whole.event)), whole.team_id, own)
    if kind not in ("message", "app_mention"):
        return _other(kind)
    event = decoded(_MESSAGE, bytes(whole.event))
    written = _written(event)
    if noise := _noise(event, written, own):
        return Parsed(noise=(noise,))
    if not (event.channel and event.ts and whole.team_id):
        raise Unreadable("The message lacks its channel, its ts or team_id")
    return Parsed(messages=(_inbound(event, written, whole.team_id, bytes(whole.event)),))


def _other(kind: str) -> Parsed:
    if code := LEFT_ALONE.get(kind):
        return Parsed(noise=(code,))
    raise Unreadable(f"An event of a kind that Leadline does not know: {kind[:60] or 'nothing'}")


def _noise(event: wire.Message, written: wire.Message, own: frozenset[str]) -> str:
    subtype = written.subtype or ""
    if written.bot_id or written.user in (*own, SLACKBOT) or subtype in ("bot_message", "message_replied"):
        return "own"
    if subtype in SERVICE:
        return "group"
    if not written.user:
        raise Unreadable("The message names nobody who wrote it")
    before = _nested(event.previous_message)
    is_same = written.text == before.text and ids(written.files) == ids(before.files)
    return "untouched" if _change(event) == "edited" and is_same else ""


def _inbound(event: wire.Message, written: wire.Message, team: str, raw: bytes) -> Inbound:
    """A message, a new wording of one with the files that are new in it, or the word that it was taken back."""
    change = _change(event)
    before = _nested(event.previous_message)
    text, files = ("", ()) if change == "withdrawn" else contents(written)
    if not (change or text or files) and event.subtype:
        text, files = strange(raw)
    if change == "edited":
        known = {file.ref for file in contents(before)[1]}
        files = tuple(file for file in files if file.ref not in known)
    number = f"{event.channel}:{written.ts or event.ts}"
    thread = written.thread_ts if written.thread_ts != written.ts else ""
    return Inbound(
        # Not event_id: one message under two subscriptions comes as two events.
        provider_id=f"{event.channel}:{event.ts}",
        sender=place_of(event.channel, written.thread_ts or written.ts, event.channel_type),
        handles=(Handle("slack", written.user or "", team),),
        text=text,
        attachments=files,
        sent_at=moment_of(event.ts),
        quote=Quote(provider_id=number, text=readable(before.text)) if change else None,
        change=change,
        forwarded=Forwarded() if not change and not thread and is_share(written) else None,
    )


def _reaction(reaction: wire.Reacted, team: str, own: frozenset[str]) -> Parsed:
    if not reaction.user or reaction.user in own:
        return Parsed(noise=("own",))
    if not (reaction.item.channel and reaction.item.ts and team):
        return Parsed(noise=("elsewhere",))
    number = f"{reaction.item.channel}:{reaction.item.ts}"
    emoji = f":{reaction.reaction}:" if reaction.type == "reaction_added" else ""
    message = Inbound(
        provider_id=f"{number}/{reaction.type}/{reaction.user}/{reaction.reaction}/{reaction.event_ts}",
        sender=place_of(reaction.item.channel, reaction.item.ts, ""),
        handles=(Handle("slack", reaction.user, team),),
        text=reacted(emoji),
        sent_at=moment_of(reaction.event_ts),
        quote=Quote(provider_id=number),
    )
    return Parsed(messages=(message,))


def place_of(channel: str, thread: str, kind: str) -> str:
    """Where an answer goes: the direct chat, or the thread of the message in a channel."""
    return channel if kind == "im" or channel.startswith("D") or not thread else f"{channel}:{thread}"


def _change(event: wire.Message) -> Literal["", "edited", "withdrawn"]:
    """What became of an earlier message. One with answers leaves a tombstone where it was deleted."""
    if event.subtype == "message_deleted" or (
        event.subtype == "message_changed" and _nested(event.message).subtype == "tombstone"
    ):
        return "withdrawn"
    return "edited" if event.subtype == "message_changed" else ""


def _written(event: wire.Message) -> wire.Message:
    """What was written: the message, as it is now, or as it was before it went; raises Unreadable."""
    match _change(event):
        case "withdrawn":
            return decoded(_MESSAGE, bytes(event.previous_message))
        case "edited":
            return decoded(_MESSAGE, bytes(event.message))
        case _:
            return event


def _nested(raw: msgspec.Raw) -> wire.Message:
    return tried(_MESSAGE, bytes(raw)) or wire.Message()


def moment_of(ts: str) -> float | None:
    """Unix seconds of a `1767225600.000100`."""
    return float(ts) if MOMENT.fullmatch(ts) else None

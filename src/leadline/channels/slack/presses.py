"""Reads Slack's word that somebody pressed a button of ours. Called by `adapter.py`.

Source: Slack's pages on interactivity and its reference of block actions, November 2026.
"""

from __future__ import annotations

import msgspec

from leadline.channels.exchange import Parsed
from leadline.channels.http import decoded, first_of, urlencoded
from leadline.channels.slack.events import moment_of, place_of
from leadline.channels.words import listed
from leadline.errors import Unreadable
from leadline.model import Handle, Inbound, Quote


class _Id(msgspec.Struct):
    id: str = ""
    team_id: str = ""


class _Place(msgspec.Struct):
    """The message with the button."""

    channel_id: str = ""
    message_ts: str = ""
    thread_ts: str | None = None


class _Words(msgspec.Struct):
    text: str = ""


class _Action(msgspec.Struct):
    action_id: str = ""
    value: str | None = None
    text: _Words | None = None
    action_ts: str = ""


class _Press(msgspec.Struct):
    type: str = ""
    user: _Id = msgspec.field(default_factory=_Id)
    team: _Id | None = None
    container: _Place = msgspec.field(default_factory=_Place)
    actions: list[_Action] = []


_PRESS = msgspec.json.Decoder(_Press)


def read_press(body: bytes, own: frozenset[str]) -> Parsed:
    """What was pressed, as a message with the words of the button; raises Unreadable.

    own: user ids of the business's own people, who are no customers.
    """
    payload = first_of(urlencoded(body)).get("payload", "")
    press = decoded(_PRESS, payload.encode("utf-8", "replace"))
    if press.type != "block_actions":
        raise Unreadable(f"Slack tells of a '{press.type[:60]}', which Leadline does not offer")
    if press.user.id in own:
        return Parsed(noise=("own",))
    team, place = (press.team.id if press.team else "") or press.user.team_id, press.container
    if not (press.user.id and team and place.channel_id and place.message_ts and press.actions):
        raise Unreadable("The press of a button lacks who pressed it, or where")
    return Parsed(messages=tuple(_message(press, action, team) for action in press.actions))


def _message(press: _Press, action: _Action, team: str) -> Inbound:
    place = press.container
    number = f"{place.channel_id}:{place.message_ts}"
    words = action.text.text if action.text else ""
    return Inbound(
        provider_id=f"{number}/pressed/{press.user.id}/{action.action_ts}/{action.action_id}",
        sender=place_of(place.channel_id, place.thread_ts or place.message_ts, ""),
        handles=(Handle("slack", press.user.id, team),),
        text=words or listed("Pressed a button", action.value or action.action_id),
        sent_at=moment_of(action.action_ts),
        quote=Quote(provider_id=number),
    )

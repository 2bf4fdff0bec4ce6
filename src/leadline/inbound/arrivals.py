"""What a provider's webhook or list held, as arrivals: channel, lane and key. `receive.py` and `poll.py` use it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from leadline.channels.exchange import Parsed, Request
from leadline.connections.switchboard import Connected, Switchboard
from leadline.engine.arrival import NewArrival
from leadline.identity import handles, phone
from leadline.inbound.raw import place_of
from leadline.model import Consent, Handle, Inbound, Move, StatusUpdate
from leadline.model.seen import as_name

LONGEST_ADDRESS = 400  # characters


class Sorter:
    """Gives everything parsed its channel, its lane and the key that makes a repetition harmless."""

    def __init__(self, switchboard: Switchboard) -> None:
        self._switchboard = switchboard

    async def sort(self, connected: Connected, parsed: Parsed) -> list[NewArrival]:
        """The arrivals of what came to `connected`, in the order they are to be kept."""
        arrivals = [await self._message(connected, message) for message in parsed.messages]
        arrivals += [await self._beside(connected, "consent", consent) for consent in parsed.consents]
        arrivals += [await self._move(connected, move) for move in parsed.moves]
        arrivals += [await self._beside(connected, "echo", echo) for echo in parsed.echoes]
        return arrivals + [await self._status(connected, status) for status in parsed.statuses]

    async def _message(self, connected: Connected, message: Inbound) -> NewArrival:
        target = await self._switchboard.by_account(connected, message.account)
        serving = target or connected
        message = msgspec.structs.replace(
            message,
            handles=_handles(message.handles, serving),
            former=_handles(message.former, serving),
            attested=_handles(message.attested, serving),
            profile=msgspec.structs.replace(message.profile, name=as_name(message.profile.name)),
        )
        return NewArrival(
            source=source_of(serving),
            dedupe=_key(message),
            kind="message",
            lane=handles.lane(message.handles, whatsapp=serving.whatsapp),
            also=(
                *handles.names((*message.handles, *message.former)),
                *handles.forms(message.handles, whatsapp=serving.whatsapp),
            ),
            content=msgspec.json.encode(message).decode(),
            channel_id=serving.channel_id,
            piece_group=f"{serving.channel_id}:{message.piece.group}" if message.piece else "",
            **_parked(connected, target, message),
        )

    async def _beside(
        self, connected: Connected, kind: Literal["consent", "echo"], parsed: Consent | Inbound
    ) -> NewArrival:
        """In the lane of the sender's messages: it stands between what they wrote before and after."""
        serving = await self._switchboard.by_account(connected, parsed.account) or connected
        parsed = msgspec.structs.replace(parsed, handles=_handles(parsed.handles, serving))
        return NewArrival(
            source=source_of(serving),
            dedupe=f"{kind}:{_key(parsed)}",
            kind=kind,
            **_of_odd_sender(parsed),
            lane=handles.lane(parsed.handles, whatsapp=serving.whatsapp),
            also=(*handles.names(parsed.handles), *handles.forms(parsed.handles, whatsapp=serving.whatsapp)),
            content=msgspec.json.encode(parsed).decode(),
            channel_id=serving.channel_id,
        )

    async def _move(self, connected: Connected, move: Move) -> NewArrival:
        """In the lane of the sender's messages: what came before is decided by the addresses from before."""
        serving = await self._switchboard.by_account(connected, move.account) or connected
        now, before = _handles(move.handles, serving), _handles(move.former, serving)
        return NewArrival(
            source=source_of(serving),
            dedupe=f"move:{_key(move)}",
            kind="move",
            lane=handles.lane(now, whatsapp=serving.whatsapp),
            also=(*handles.names((*now, *before)), *handles.forms(now, whatsapp=serving.whatsapp)),
            content=msgspec.json.encode(msgspec.structs.replace(move, handles=now, former=before)).decode(),
            channel_id=serving.channel_id,
        )

    async def _status(self, connected: Connected, status: StatusUpdate) -> NewArrival:
        serving = await self._switchboard.by_account(connected, status.account) or connected
        name = status.outbound_id or _key(status)
        key = f"status:{name}:{status.provider_id}:{status.state}:{status.code}"
        if status.until is not None:
            name, key = f"{serving.channel_id}:{status.sender}", f"until:{status.sender}:{status.state}:{status.until}"
        return NewArrival(
            source=source_of(serving),
            dedupe=key,
            kind="status",
            lane=f"status:{name}",
            content=msgspec.json.encode(status).decode(),
            channel_id=serving.channel_id,
        )


WITHHELD = frozenset(
    {"anonymous", "blocked", "nocallerid", "private", "privatenumber", "restricted", "unavailable", "unknown"}
    | {"unknownnumber", "withheld", "withheldnumber"}
)
"""What networks write, with or without spaces, in place of a number that is not passed on."""


def _key(parsed: Inbound | Consent | Move | StatusUpdate) -> str:
    """What a repetition is known by: the provider's id, or all that it says where the provider gave none."""
    return parsed.provider_id or f"content:{hashlib.sha256(msgspec.json.encode(parsed)).hexdigest()}"


def _parked(connected: Connected, target: Connected | None, message: Inbound) -> dict[str, str]:
    """Why a message is parked as soon as it comes, if it is."""
    if odd := _of_odd_sender(message):
        return odd
    if target is None:
        why = f"No {connected.adapter.title} channel with the id {message.account} is connected: connect it and retry."
        return {"reason": "unknown_account", "explanation": why}
    return {}


def _of_odd_sender(message: Inbound | Consent) -> dict[str, str]:
    found = odd_sender(message)
    return {"reason": found[0], "explanation": found[1]} if found else {}


def odd_sender(message: Inbound | Consent) -> tuple[str, str] | None:
    """Why nobody can tell whose this is, as a code and a sentence; None where somebody can."""
    if why := too_long(message):
        return "address_too_long", why
    if isinstance(message, Consent):
        return None
    name = "".join(message.sender.split()).casefold()
    if name and not (name in WITHHELD and message.handles[0].scheme == "sender"):
        return None
    return "no_sender", (
        "The provider does not say who sent this, so Leadline cannot tell whose it is, and nobody can answer it. "
        "Messages of different people would end in one conversation"
    )


def too_long(message: Inbound | Consent) -> str:
    """A sentence where an address of the sender is longer than any provider's; everything about a person is kept
    under it, and PostgreSQL's indexes take no more than 2,704 bytes. Empty where all is well.
    """
    addresses = (
        message.handles if isinstance(message, Consent) else (*message.handles, *message.former, *message.attested)
    )
    longest = max((len(str(handle)) for handle in addresses), default=0)
    if longest <= LONGEST_ADDRESS:
        return ""
    return (
        f"The sender's address has {longest:,} characters, and no provider has addresses of more than a hundred. "
        "Whoever sent this knows the channel's secret but is not the provider"
    )


def source_of(connected: Connected) -> str:
    """Within what a provider's id is unique."""
    return f"channel:{connected.channel_id}"


def unreadable(connected: Connected, request: Request, why: str, number: int = 0) -> NewArrival:
    """Kept as it is and parked: whoever sent it has been answered and will not send it again."""
    content: dict[str, Any] = {"url": place_of(request, connected)}
    return NewArrival(
        source=source_of(connected),
        dedupe=f"unreadable:{hashlib.sha256(request.body).hexdigest()}:{number}",
        kind="unreadable",
        lane=f"unreadable:{connected.channel_id}",
        content=msgspec.json.encode(content).decode(),
        channel_id=connected.channel_id,
        reason="unreadable",
        explanation=why,
    )


def _handles(given: Sequence[Handle], connected: Connected) -> tuple[Handle, ...]:
    """Phones in canonical form, everything else scoped to the channel it is known on."""
    if not given:
        return ()
    canonical: list[Handle] = []
    for handle in given:
        number = phone.canonical(handle.value) if handle.is_phone else None
        canonical.append(Handle("tel", number) if number else _demoted(handle))
    return handles.scoped(tuple(canonical), str(connected.channel_id))


def _demoted(handle: Handle) -> Handle:
    return Handle("sender", handle.value) if handle.is_phone else handle

"""How each channel does, as values: when it was last heard, what failed, whether it is away or paused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from leadline.channels import CHANNELS
from leadline.channels.base import Channel
from leadline.connections.switchboard import connect
from leadline.console.language import _
from leadline.console.shell import Visit
from leadline.engine.breaker import breakers
from leadline.errors import SettingError
from leadline.identity.words import phone
from leadline.model import Struct
from leadline.store.channels import ChannelRow
from leadline.store.queries import queries

Row = dict[str, Any]


class Standing(Struct, frozen=True, kw_only=True):
    """One channel. state: in a word, with its tone. trouble: what is wrong, in a sentence. webhook and setup: for who
    may look after channels; whoever knows the address can write through a channel that is unsigned.
    """

    channel_id: int
    name: str
    provider: str
    address: str
    state: str
    tone: str
    trouble: str
    is_paused: bool
    heard_at: datetime | None
    sent_at: datetime | None
    failed: int
    parked: int
    set_aside: int
    webhook: str = ""
    setup: tuple[str, ...] = ()


async def standings(visit: Visit) -> list[Standing]:
    """All channels in service."""
    rows = await visit.leadline.channels.listed(visit.workspace_id)
    heard, sent = await visit.house.kept.of(("channels", visit.workspace_id), partial(_figures, visit))
    parked = {row["channel_id"]: row for row in await visit.rows(queries.channels_parked)}
    away = {row["breaker"]: row["explanation"] for row in await breakers(visit.database, visit.workspace_id)}
    return [
        _standing(
            visit,
            row,
            away.get(f"channel:{row.channel_id}", ""),
            {
                "heard_at": heard.get(row.channel_id),
                "sent_at": sent.get(row.channel_id, {}).get("at"),
                "failed": sent.get(row.channel_id, {}).get("failed", 0),
                "parked": parked.get(row.channel_id, {}).get("parked", 0),
                "set_aside": parked.get(row.channel_id, {}).get("paused", 0),
            },
        )
        for row in rows
    ]


async def _figures(visit: Visit) -> tuple[Mapping[int, datetime], Mapping[int, Row]]:
    """When each channel was last heard; when it sent last, and what failed. Both look at up to 20,000 messages."""
    heard = await visit.rows(queries.channels_last_heard)
    sent = await visit.rows(queries.channels_sent)
    return {row["channel_id"]: row["at"] for row in heard}, {row["channel_id"]: row for row in sent}


async def failures(visit: Visit, channel_id: int, count: int) -> list[Row]:
    """The last messages of a channel that did not reach their customer."""
    read = partial(visit.rows, queries.channel_failures, channel_id=channel_id, count=count)
    return await visit.house.kept.of(("failures", str(channel_id), visit.workspace_id), read)


def _standing(visit: Visit, row: ChannelRow, away: str, counts: Mapping[str, Any]) -> Standing:
    base, may = visit.leadline.settings.public_url.rstrip("/"), visit.seat.may("channels")
    places = {"url": f"{base}/in/{row.key}", "status_url": f"{base}/status/{row.key}"}
    adapter = CHANNELS.get(row.provider)
    state, tone, trouble = _state(row, adapter, away, works=bool(counts["heard_at"] or counts["sent_at"]))
    return Standing(
        channel_id=row.channel_id,
        name=row.name,
        provider=adapter.title if adapter else row.provider,
        address=phone(row.address),
        state=state,
        tone=tone,
        trouble=trouble,
        is_paused=row.is_paused,
        webhook=places["url"] if may else "",
        setup=tuple(_(step, **places) for step in adapter.setup) if may and adapter else (),
        **counts,
    )


def _state(row: ChannelRow, adapter: Channel[Any] | None, away: str, *, works: bool) -> tuple[str, str, str]:
    """A word, its tone, and what is wrong."""
    if adapter is None:
        unknown = _("This version of Leadline does not know the provider {provider}.", provider=row.provider)
        return _("not usable"), "bad", unknown
    try:
        connect(row)
    except SettingError as error:
        return _("not usable"), "bad", str(error)
    if row.is_paused:
        return _("paused"), "warn", ""
    if away:
        return _("away"), "bad", away
    return (_("connected"), "good", "") if row.is_proved or works else (_("saved, not proved"), "warn", "")

"""Credentials that end unless they are renewed: `rounds.py` runs `renew`, doctor and `channel test` tell the date."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import msgspec

from leadline.connections.provider_calls import ProviderCalls
from leadline.connections.rounds import Rounds
from leadline.connections.switchboard import Connected
from leadline.model import Struct
from leadline.store.channels import ChannelStore
from leadline.store.database import Database
from leadline.store.queries import queries

EVERY = 7 * 86_400.0  # seconds between renewals
YOUNG = 25 * 3600.0  # seconds in which a new channel's credential is left alone: Meta renews none younger than a day
WARNING = 14 * 86_400.0  # seconds before its end from which a credential that was not renewed is a trouble


class Outlook(Struct, frozen=True, kw_only=True):
    """When a credential ends at the latest (unix seconds), and why it was not renewed; empty where it was."""

    ends_at: float
    trouble: str = ""

    def warning(self, now: float) -> str:
        """What an operator must do, in words; empty while nothing."""
        if self.ends_at - now > WARNING:
            return ""
        why = f"could not be renewed: {self.trouble}" if self.trouble else "was not renewed: is no worker running?"
        return (
            f"its access token {'ended' if self.ends_at <= now else 'ends'} on {self.date} and {why} Make a new one at "
            "the provider, then `leadline channel change`."
        )

    @property
    def date(self) -> str:
        return f"{datetime.fromtimestamp(self.ends_at, UTC):%Y-%m-%d}"


class Renewals:
    """Renews credentials, one process at a time for each channel."""

    def __init__(self, channels: ChannelStore, calls: ProviderCalls, rounds: Rounds) -> None:
        self._channels = channels
        self._calls = calls
        self._rounds = rounds

    async def renew(self, connected: Connected, *, every: float = EVERY) -> bool:
        """Renew a channel's credential where it ends and is old enough; raises ProviderTrouble, Retry.

        The former one stays good, so a crash before the new one is stored loses nothing.
        """

        async def ask(_: float | None) -> None:
            settings = await self._calls.perform(connected.adapter.renew(connected.settings))
            now = await self._channels.by_id(connected.workspace_id, connected.channel_id)
            if now is not None and now.settings == connected.row.settings:  # else an operator was quicker
                values = msgspec.to_builtins(settings)
                await self._channels.change(now, values, address=now.address)

        if connected.can.credential_life is None or time.time() - connected.row.created_at < YOUNG:
            return False
        return await self._rounds.take(connected, "renewal", every, ask)


async def begin_anew(database: Database, connected: Connected) -> None:
    """An operator has given the channel a new credential, whose life begins now."""
    if connected.can.credential_life is None:
        return
    async with database.connection() as connection:
        key = {"workspace_id": connected.workspace_id, "channel_id": connected.channel_id}
        await queries.restart_round(connection, **key, kind="renewal")


async def outlook(database: Database, connected: Connected) -> Outlook | None:
    """How long a channel's credential lives; None where it does not end."""
    if (life := connected.can.credential_life) is None:
        return None
    async with database.connection() as connection:
        row = await queries.round_of(
            connection, workspace_id=connected.workspace_id, channel_id=connected.channel_id, kind="renewal"
        )
    begun = (row and row["reached"]) or connected.row.created_at
    return Outlook(ends_at=begun + life, trouble=row["trouble"] if row else "")

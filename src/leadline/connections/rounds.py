"""What is asked of providers from time to time: missed messages, templates, new tokens. The worker runs `go_rounds`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Literal

import psycopg
import structlog

from leadline.connections.switchboard import Connected, usable
from leadline.connections.workspaces import Workspaces
from leadline.errors import LeadlineError, Retry
from leadline.store.channels import ChannelStore
from leadline.store.database import Database
from leadline.store.queries import queries

Kind = Literal["poll", "templates", "renewal"]
PAUSE = 15.0  # seconds between looks whether a round is due
ANOTHER = 60.0  # seconds, at most, until it is asked again whether another process has done a round
LOOK = 0.2  # seconds between looks at a round that somebody else is at
PATIENCE = 60.0  # seconds for which it is waited for
SOON = 5.0  # seconds for which somebody who only wants to read its result waits for it
LEASE = 300.0  # seconds after which a process that took a round and died is not waited for
log = structlog.get_logger(__name__)


Task = Callable[[Connected], Awaitable[object]]


class Rounds:
    """Leases: a round is taken when it is due and nobody is at it; what was reached is remembered."""

    def __init__(self, database: Database, *, patience: float = PATIENCE) -> None:
        self._database = database
        self._patience = patience
        self._not_before: dict[tuple[object, ...], float] = {}

    async def take(
        self, connected: Connected, kind: Kind, every: float, ask: Callable[[float | None], Awaitable[object]]
    ) -> bool:
        """Ask if the last round is `every` seconds ago. `ask` gets the unix time up to which everything was had.

        False where it was not due. With `every` 0 it waits for a round that is under way, and raises Retry where that
        does not end. A failure is recorded and raised as the LeadlineError it is.
        """
        key = _key(connected, kind)
        if every and time.monotonic() < self._not_before.get((*key.values(),), 0.0):
            return False
        begun = time.monotonic()
        claimed = await self._claimed(key, every)
        while claimed is None and not every:
            if time.monotonic() > begun + self._patience:
                what = f"{connected.row.name} is being asked by another process, which does not come to an end"
                raise Retry("round_under_way", f"{what}. Try again in {LEASE / 60:.0f} minutes")
            await asyncio.sleep(LOOK)
            claimed = await self._claimed(key, every)
        if claimed is None:
            return False
        try:
            await ask(claimed["reached"])
        except LeadlineError as error:
            async with self._database.connection() as connection:
                await queries.fail_round(connection, **key, trouble=str(error))
            raise
        async with self._database.connection() as connection:
            await queries.finish_round(connection, **key, reached=claimed["begun"])
        return True

    async def settled(self, connected: Connected, kind: Kind) -> None:
        """Wait, `SOON` seconds at most, for a round that somebody is at: what it finds is not there before."""
        key = _key(connected, kind)
        for _ in range(round(SOON / LOOK)):
            if not await self._under_way(key):
                return
            await asyncio.sleep(LOOK)

    async def _under_way(self, key: Mapping[str, Any]) -> bool:
        async with self._database.connection() as connection:
            return await queries.round_under_way(connection, **key, lease=LEASE) is not None

    async def _claimed(self, key: Mapping[str, Any], every: float) -> Mapping[str, Any] | None:
        async with self._database.connection() as connection:
            row: Mapping[str, Any] | None = await queries.claim_round(connection, **key, every=every, lease=LEASE)
        self._not_before[(*key.values(),)] = time.monotonic() + (min(every, ANOTHER) if row is None else every)
        return row


def _key(connected: Connected, kind: Kind) -> dict[str, Any]:
    return {"workspace_id": connected.workspace_id, "channel_id": connected.channel_id, "kind": kind}


async def go_rounds(
    channels: ChannelStore, workspaces: Workspaces, tasks: Sequence[Task], *, pause: float = PAUSE
) -> None:
    """Do every task for every channel, again and again until cancelled; each task knows whether it is due."""
    while True:
        for workspace_id in workspaces.ids:
            for connected in await _usable(channels, workspace_id):
                for task in tasks:
                    await _quietly(task, connected)
        await asyncio.sleep(pause)


async def _usable(channels: ChannelStore, workspace_id: str) -> list[Connected]:
    """The channels; none for now where the list cannot be had, since a failed round must not end the worker."""
    try:
        return usable(await channels.listed(workspace_id))
    except (LeadlineError, psycopg.Error) as error:
        log.warning("channels_not_listed", why=str(error) or type(error).__name__)
        return []


async def _quietly(task: Task, connected: Connected) -> None:
    """A provider that is away is asked again in the next round. Failures are recorded."""
    try:
        await task(connected)
    except LeadlineError as error:
        log.warning("round_failed", channel=connected.row.name, why=str(error))
    except Exception:  # a bug in one channel's task: the others go on
        log.exception("round_broke", channel=connected.row.name)

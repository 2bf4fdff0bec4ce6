"""Lanes of one sender with several addresses: once a message had two of them, both go on in one lane. For keep.py."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from leadline.engine.arrival import NewArrival
from leadline.store.database import Connection
from leadline.store.queries import queries

Name = tuple[str, str]  # workspace, lane


async def join(
    connection: Connection, arrivals: Sequence[tuple[str, NewArrival]]
) -> tuple[list[tuple[str, NewArrival]], set[Name]]:
    """The same arrivals of their workspaces, in the lanes their senders have now; new joins are stored.

    `also` of the result are all lanes in which earlier arrivals of the sender may still wait. The names are those of
    the new joins: each must have a row among the lanes, since who works in one of a sender's lanes holds them all.
    """
    names = {(workspace, name) for workspace, arrival in arrivals for name in (arrival.lane, *arrival.also)}
    known = await _known(connection, names)
    fresh: dict[Name, str] = {}
    placed = []
    for workspace, arrival in arrivals:
        own = [arrival.lane, *arrival.also]
        targets = [known[workspace, name] for name in own if (workspace, name) in known]
        lane = targets[0] if targets else arrival.lane
        for name in own:
            if name != lane and (workspace, name) not in known:
                known[workspace, name] = fresh[workspace, name] = lane
        also = tuple(name for name in dict.fromkeys([*own, *targets]) if name != lane)
        placed.append((workspace, msgspec.structs.replace(arrival, lane=lane, also=also)))
    await _store(connection, fresh)
    return placed, {*fresh, *((workspace, lane) for (workspace, _), lane in fresh.items())}


async def _known(connection: Connection, names: set[Name]) -> dict[Name, str]:
    columns = {"workspaces": [workspace for workspace, _ in names], "names": [name for _, name in names]}
    rows = queries.lanes_joined(connection, **columns)
    return {(row["workspace_id"], row["name"]): row["lane"] async for row in rows}


async def _store(connection: Connection, fresh: dict[Name, str]) -> None:
    if fresh:
        rows = sorted((workspace, name, lane) for (workspace, name), lane in fresh.items())
        columns = dict(zip(("workspaces", "names", "lanes"), map(list, zip(*rows, strict=True)), strict=True))
        await queries.join_lanes(connection, **columns)

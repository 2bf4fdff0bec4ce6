"""A thousand workspaces on one PostgreSQL and on several, from measured service times: where one ends. For `run.py`.

Each PostgreSQL is a queue with as many servers as it has cores for messages. Workspaces are of very different size,
none above what Intercom lets one have; sharding puts a workspace with all it has on one PostgreSQL.
"""

from __future__ import annotations

import heapq
import random
from typing import Any

WORKSPACES = 1_000
ALLOWED = 10_000 / 60  # calls a second that Intercom grants an app of one workspace; a known sender's message is one
SLOW = 20.0  # milliseconds in PostgreSQL that one in a hundred messages may take, waiting included
ARRIVALS = 40_000  # messages that one run of the queues looks at
WARM_UP = 4_000


def rates(total: float) -> list[float]:
    """Messages a second of each workspace: the largest has twice that of the second, three times that of the third."""
    shares = [1 / rank for rank in range(1, WORKSPACES + 1)]
    left, found = total, list[float]()
    for number, share in enumerate(shares):
        found.append(min(ALLOWED, left * share / sum(shares[number:])))
        left -= found[-1]
    return found


def spread(loads: list[float], servers: int, seed: int) -> list[float]:
    """Load of each PostgreSQL, workspaces put on them without looking at their size."""
    chance, sums = random.Random(seed), [0.0] * servers
    for load in loads:
        sums[chance.randrange(servers)] += load
    return sums


def took(load: float, cores: int, service_ms: float, seed: int) -> list[float]:
    """Milliseconds that each message was in PostgreSQL, at this load."""
    chance, now, free = random.Random(seed), 0.0, [0.0] * cores
    found = []
    for _ in range(ARRIVALS):
        now += chance.expovariate(load) * 1000
        done = max(now, free[0]) + chance.expovariate(1 / service_ms)
        heapq.heapreplace(free, done)
        found.append(done - now)
    return found[WARM_UP:]


def keeps_up(total: float, servers: int, cores: int, service_ms: float) -> bool:
    """Whether the busiest PostgreSQL is quick enough."""
    load = max(spread(rates(total), servers, seed=1))
    if load * service_ms >= 1000 * cores:
        return False
    times = sorted(took(load, cores, service_ms, seed=2))
    return times[len(times) * 99 // 100] <= SLOW


def most(servers: int, cores: int, service_ms: float) -> float:
    """Messages a second that so many PostgreSQL take."""
    low, high = 0.0, min(1000 * cores * servers / service_ms, ALLOWED * WORKSPACES)
    for _ in range(12):
        middle = (low + high) / 2
        low, high = (middle, high) if keeps_up(middle, servers, cores, service_ms) else (low, middle)
    return low


def table(cores: int, worker_ms: float, postgres_ms: float) -> list[dict[str, Any]]:
    """What one, two, four and eight PostgreSQL with so many cores take, and the workers that needs."""
    rows = []
    for servers in (1, 2, 4, 8):
        total = most(servers, cores, postgres_ms)
        loads = spread(rates(total), servers, seed=1)
        rows.append({
            "PostgreSQL": f"{servers} × {cores} cores",
            "messages a second": total,
            "largest workspace": rates(total)[0],
            "busiest, of the mean": max(loads) / (total / servers),
            "cores for workers": total * worker_ms / 1000,
        })  # fmt: skip
    return rows

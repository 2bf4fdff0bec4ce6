"""What one process does with an opened Leadline: answers requests, hears of changes, works. CLI and tests run it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

import structlog
from starlette.applications import Starlette
from starlette.middleware import Middleware

from leadline.api import Api
from leadline.app import Leadline
from leadline.connections.rounds import PAUSE, Task, go_rounds
from leadline.door import Gate, Gauges
from leadline.door import Limits as DoorLimits
from leadline.engine.worker import work as take_lanes
from leadline.privacy import Retention
from leadline.web import Behind, Door

BROKEN = 5.0  # seconds before what broke begins again
log = structlog.get_logger(__name__)


def asgi(leadline: Leadline, *, with_worker: bool) -> Starlette:
    """The web application; its lifespan runs the worker when asked to."""
    behind = Behind(
        switchboard=leadline.switchboard,
        receive=leadline.receive,
        notifications=leadline.notifications,
        panel=leadline.panel,
        ready=leadline.readiness.troubles,
        fill_gauges=Gauges(leadline.database, leadline.connections.workspaces).fill,
        picture=leadline.profiles.picture,
        file=leadline.file_links.address,
        installing=leadline.connections.installing,
        metrics_token=leadline.settings.metrics_token,
    )
    settings = leadline.settings
    limits = DoorLimits(settings.public_url.rstrip("/"), settings.body_limit, settings.body_timeout)
    door, api = Door(behind, limits), Api(leadline.database, leadline.api, limits)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with running(leadline, with_worker=with_worker):
            yield

    gate = Middleware(Gate, webhooks=door.webhooks)
    return Starlette(routes=[*door.routes(), *api.routes()], middleware=[gate], lifespan=lifespan)


@asynccontextmanager
async def running(leadline: Leadline, *, with_worker: bool = True) -> AsyncIterator[None]:
    """Hear of changed channels and settings and work, for as long as the block lasts.

    What the worker was doing is finished or taken up by the next one.
    """
    changes = leadline.database.changes("leadline_channels")
    tasks = [
        asyncio.create_task(leadline.switchboard.listen(changes)),
        asyncio.create_task(leadline.book.listen(leadline.database.changes("leadline_settings"))),
        asyncio.create_task(leadline.connections.roster.listen(leadline.database.changes("leadline_workspaces"))),
    ]
    if with_worker:
        tasks.append(asyncio.create_task(work(leadline)))
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def work(leadline: Leadline) -> None:
    """Drain lanes, and do what is due beside them, until cancelled."""
    async with asyncio.TaskGroup() as group:
        for task in _tasks(leadline):
            group.create_task(_again_and_again(task))


def _tasks(leadline: Leadline) -> list[Callable[[], Awaitable[None]]]:
    """What a worker does; what breaks one of them leaves the others alone."""
    workspaces, retention = leadline.connections.workspaces, Retention(leadline.database, leadline.settings.terms)
    tasks: list[Callable[[], Awaitable[None]]] = [
        partial(take_lanes, leadline.engine, leadline.lanes, slots=leadline.settings.concurrency),
        leadline.merging.forget_in_time,
        partial(retention.run, workspaces),
        leadline.reconciliation.keep_up,
        leadline.unattended.keep_up,
        leadline.late_replies.keep_up,
        partial(leadline.alerts.keep_up, workspaces),
        partial(leadline.webhooks.keep_up, workspaces),
        partial(_go_rounds, leadline),
    ]
    return [*tasks, leadline.directory.keep_up] if leadline.settings.directory_every else tasks


async def _again_and_again(task: Callable[[], Awaitable[None]]) -> None:
    """What breaks it, like a database that is away for long, only interrupts it."""
    while True:
        try:
            await task()
        except Exception:
            log.exception("worker_broke", task=getattr(task, "func", task).__qualname__)
            await asyncio.sleep(BROKEN)
        else:
            return


async def _go_rounds(leadline: Leadline) -> None:
    """What is asked of providers from time to time. An interval of 0 leaves that out."""
    poll_every, templates_every = leadline.settings.poll_every, leadline.settings.templates_every
    tasks: list[Task] = [leadline.renewals.renew, leadline.connections.pauses.catch_up]
    if templates_every:
        tasks.insert(0, partial(leadline.templates.sync, every=templates_every))
    if poll_every:
        tasks.insert(0, partial(leadline.polls.catch_up, every=poll_every))
    pause = min(PAUSE, poll_every or PAUSE)
    await go_rounds(leadline.channels, leadline.connections.workspaces, tasks, pause=pause)

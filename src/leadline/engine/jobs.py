"""The Procrastinate app: the lane jobs, their retries, and the worker that runs them. Built by `app.py`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from procrastinate import App, BaseRetryStrategy, PsycopgConnector, RetryDecision
from procrastinate.jobs import Job

from leadline.engine.lanes import QUEUE, TASK, Lanes, lane_lock
from leadline.errors import Retry
from leadline.store.database import Database
from leadline.store.queries import queries

HEARTBEAT = 2.0
STALLED_AFTER = 8.0
log = structlog.get_logger(__name__)


class _AsTold(BaseRetryStrategy):
    """The lane says when it goes on; a lane job never ends in failure, so no message can be left behind."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        delay = exception.delay if isinstance(exception, Retry) and exception.delay is not None else 5.0
        # Procrastinate takes whole seconds; a shorter wait would be polled for anyway.
        return RetryDecision(retry_in={"seconds": max(1, round(delay))})


@asynccontextmanager
async def open_jobs(database: Database) -> AsyncIterator[App]:
    """A job app on the database's own pool: enough to defer jobs."""
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    app = App(connector=PsycopgConnector())
    async with app.open_async(database.pool):
        yield app


async def work(app: App, lanes: Lanes, database: Database, *, concurrency: int) -> None:
    """Run lane jobs until cancelled. Jobs of workers that died are taken up within STALLED_AFTER seconds."""
    if TASK not in app.tasks:
        app.task(name=TASK, queue=QUEUE, retry=_AsTold())(lanes.drain)
    await wake_waiting(database)
    async with asyncio.TaskGroup() as group:
        group.create_task(_rescue(app))
        group.create_task(
            app.run_worker_async(
                queues=[QUEUE],
                concurrency=concurrency,
                install_signal_handlers=False,
                fetch_job_polling_interval=1.0,
                update_heartbeat_interval=HEARTBEAT,
                stalled_worker_timeout=STALLED_AFTER,
                delete_jobs="successful",
                shutdown_graceful_timeout=10.0,
            )
        )


async def _rescue(app: App) -> None:
    while True:
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER):
            log.warning("job_rescued", job=job.id, lane=job.task_kwargs.get("lane"))
            await app.job_manager.retry_job(job)
        await asyncio.sleep(HEARTBEAT)


async def wake_waiting(database: Database) -> None:
    """A restart is often the cure (a new token): whatever waits for another try is tried now."""
    async with database.connection() as connection:
        lanes = [row async for row in queries.postponed_lanes(connection)]
        await queries.wake(connection, locks=[lane_lock(row["workspace_id"], row["lane"]) for row in lanes])

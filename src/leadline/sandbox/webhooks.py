"""Outgoing webhooks: queued in the call's own transaction, signed, sent by a background task, retried once.

Rules: X-Hub-Signature is `sha1=` HMAC-SHA1 of the raw body with the client secret; 5 s to answer; one retry after one
minute; 410 ends the subscription (Intercom's webhook pages for 2.15 and 2.16).
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import msgspec
import psycopg
import structlog
from psycopg.types.json import Jsonb

from leadline.sandbox.queries import queries
from leadline.sandbox.workspace import ApiError, Workspace, now
from leadline.store.database import Connection

AT_ONCE = 16
ATTEMPTS = 2
log = structlog.get_logger(__name__)


def sign(secret: str, body: bytes) -> str:
    """The X-Hub-Signature of a body."""
    return "sha1=" + hmac.new(secret.encode(), body, "sha1").hexdigest()


class Outbox:
    """Notifications of one workspace. `running()` sends them for as long as the application lives."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._news = asyncio.Event()
        self._sending: set[asyncio.Task[None]] = set()

    async def add(self, connection: Connection, topic: str, item: dict[str, Any]) -> None:
        """Queue one notification inside the caller's transaction; nothing where no receiver is subscribed."""
        if not self.listened:
            return
        notification_id = f"notif_{uuid.uuid4()}"
        envelope = {
            "type": "notification_event",
            "app_id": self.workspace.settings.workspace_id,
            "id": notification_id,
            "topic": topic,
            "created_at": now(),
            "first_sent_at": 0,
            "delivery_attempts": 0,
            "delivery_status": "pending",
            "delivered_at": 0,
            "links": {},
            "self": None,
            "data": {"type": "notification_event_data", "item": item},
        }
        await queries.add_webhook(connection, notification_id=notification_id, topic=topic, envelope=Jsonb(envelope))

    @property
    def listened(self) -> bool:
        """Whether anybody is subscribed."""
        return bool(self.workspace.control.webhook_url and self.workspace.control.subscribed)

    def wake(self) -> None:
        """Look for what is to be sent; not where there is nobody to send it to."""
        if self.workspace.control.webhook_url:
            self._news.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        timeout = aiohttp.ClientTimeout(total=self.workspace.settings.webhook_timeout)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            task = asyncio.create_task(self._run(session))
            try:
                yield
            finally:
                for each in (task, *self._sending):
                    each.cancel()
                await asyncio.gather(task, *self._sending, return_exceptions=True)

    async def _run(self, session: aiohttp.ClientSession) -> None:
        while True:
            self._news.clear()
            try:
                wait = await self._send_due(session)
            except psycopg.Error as error:
                log.warning("sandbox_webhooks_wait_for_database", error=str(error))
                wait = 1.0
            # Not wait_for: in Python 3.11 it forgets that it was cancelled when news arrives at the same moment.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._news.wait()

    async def _send_due(self, session: aiohttp.ClientSession) -> float | None:
        """Start sending what is due and free to be sent; returns the seconds until the next is due."""
        free = AT_ONCE - len(self._sending)
        if free <= 0:
            return None  # the next finished delivery wakes us
        lease = self.workspace.settings.webhook_timeout * 2 + 1
        async with self.workspace.database.connection() as connection:
            due = [row async for row in queries.claim_webhooks(connection, lease=lease, most=free)]
            row = await queries.next_webhook(connection)
        for each in sorted(due, key=lambda row: row["seq"]):
            task = asyncio.create_task(self._deliver(session, each))
            self._sending.add(task)
            task.add_done_callback(self._done)
        return None if row["wait"] is None else max(0.01, float(row["wait"]))

    def _done(self, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        if not task.cancelled() and (error := task.exception()):  # the claim runs out, then it is sent again
            log.warning("sandbox_webhook_not_recorded", error=str(error))
        self._news.set()

    async def _deliver(self, session: aiohttp.ClientSession, row: dict[str, Any]) -> None:
        status, error = await self._post(session, row)
        delay = 0.0
        if status is not None and 200 <= status < 300:
            state = "delivered"
        elif status == 410 or row["attempts"] >= ATTEMPTS:
            state = "given_up"
        else:
            state, delay = "pending", self.workspace.settings.retry_delay
        async with self.workspace.database.connection() as connection:
            await queries.webhook_result(
                connection, seq=row["seq"], state=state, status=status, error=error, delay=delay
            )
        if status == 410:
            await self.workspace.change({"subscribed": False})

    async def _post(self, session: aiohttp.ClientSession, row: dict[str, Any]) -> tuple[int | None, str | None]:
        envelope = row["envelope"]
        envelope["delivery_attempts"] = row["attempts"]
        envelope["first_sent_at"] = envelope["first_sent_at"] or now()
        body = msgspec.json.encode(envelope)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "intercom-webhooks/1.0",
            "X-Hub-Signature": sign(self.workspace.settings.client_secret, body),
        }
        url = self.workspace.control.webhook_url
        try:
            async with session.post(url, data=body, headers=headers, allow_redirects=False) as response:
                return response.status, None
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            return None, f"{type(error).__name__}: {error}"

    async def check(self) -> int:
        """Ask the receiver with HEAD, as Intercom does before it accepts an address; 200 is right. Raises ApiError."""
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session,
                session.head(self.workspace.control.webhook_url, allow_redirects=False) as response,
            ):
                return response.status
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise ApiError(502, "client_error", f"The webhook address does not answer HEAD: {error}") from error

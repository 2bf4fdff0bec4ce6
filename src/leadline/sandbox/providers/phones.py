"""The customers' side of the fakes: what reached whose phone, in which state, and the files they sent."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager

import msgspec
from starlette.responses import Response

from leadline.model import DeliveryState, Struct


class Delivery(Struct, frozen=True, kw_only=True):
    """One message on its way to a customer.

    at: unix seconds of the last change. media: addresses of files. choices: what can be tapped on as an answer.
    quoted: the message that is shown above it, as the provider names it.
    """

    message_id: str
    provider: str
    business: str
    to: str
    text: str
    media: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    quoted: str = ""
    state: DeliveryState = DeliveryState.QUEUED
    code: str = ""
    at: float = 0.0


class Phones:
    """All customers' phones. `opted_out` holds addresses that wrote STOP."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._deliveries: dict[str, Delivery] = {}
        self._watchers: set[asyncio.Queue[Delivery]] = set()
        self.opted_out: set[str] = set()

    def take(self, delivery: Delivery) -> None:
        """A provider accepted a message."""
        self._publish(msgspec.structs.replace(delivery, at=self._clock()))

    def change(self, message_id: str, state: DeliveryState, code: str = "") -> None:
        """What became of it; raises KeyError for a message no provider accepted."""
        known = self._deliveries[message_id]
        self._publish(msgspec.structs.replace(known, state=state, code=code, at=self._clock()))

    def received(self, to: str = "") -> list[Delivery]:
        """All messages sent so far, in order; only those to one address where it is given."""
        return [delivery for delivery in self._deliveries.values() if to in ("", delivery.to)]

    @contextmanager
    def watching(self) -> Iterator[asyncio.Queue[Delivery]]:
        """A queue that gets every message and every change of one from now on."""
        queue: asyncio.Queue[Delivery] = asyncio.Queue()
        self._watchers.add(queue)
        try:
            yield queue
        finally:
            self._watchers.discard(queue)

    async def feed(self) -> AsyncIterator[Delivery]:
        """Everything so far, then every change as it happens, without end."""
        with self.watching() as queue:
            for delivery in self.received():
                yield delivery
            while True:
                yield await queue.get()

    def _publish(self, delivery: Delivery) -> None:
        self._deliveries[delivery.message_id] = delivery
        for queue in self._watchers:
            queue.put_nowait(delivery)


class Shelf:
    """Files that customers sent, by an id nobody can guess."""

    def __init__(self) -> None:
        self._files: dict[str, tuple[str, bytes]] = {}

    def put(self, content_type: str, content: bytes, *, prefix: str = "") -> str:
        """Keep a file; returns its id."""
        file_id = prefix + secrets.token_hex(16)
        self._files[file_id] = (content_type, content)
        return file_id

    def clear(self) -> None:
        """The provider keeps none of them any longer."""
        self._files.clear()

    def get(self, file_id: str) -> tuple[str, bytes] | None:
        """Content type and content, or None."""
        return self._files.get(file_id)

    def response(self, file_id: str) -> Response:
        """The file as a provider serves it; 404 where it has none of this id."""
        found = self.get(file_id)
        return Response(found[1], media_type=found[0]) if found else Response(status_code=404)

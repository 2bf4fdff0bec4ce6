"""How long, how large and how many: uvicorn's HTTP connections with an end to all three. `servers.py` runs them.

A provider's webhook is complete within a second. Connections that stay silent, send a byte now and then,
or fill headers are closed to make room for others.
"""

from __future__ import annotations

import asyncio
import itertools
import math
import resource
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import structlog
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from leadline.serving.joined import Joined

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application

MOST_CONNECTIONS = 10_000
OTHER_FILES = 200  # descriptors for the database, providers, files of a process
SAY_EVERY = 5.0  # seconds between two lines of the log about connections that were ended
TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 8\r\nconnection: close\r\n\r\nToo slow"
NUMBERS = itertools.count()
log = structlog.get_logger(__name__)


class Limits(NamedTuple):
    """Of one server. head: bytes of address and headers. seconds: until a request's headers are there.

    body: seconds more until all of it is there; whoever reads the body may be stricter.
    """

    head: int = 65_536
    seconds: float = 10.0
    body: float = 60.0
    connections: int = 0

    def of_this_process(self) -> Limits:
        """With as many connections as the operating system lets this process have, where no number is set."""
        return self if self.connections else self._replace(connections=connections_allowed())


def connections_allowed() -> int:
    """After the process took all descriptors it may have, those that are not needed for anything else."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    most = MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else soft - OTHER_FILES
    return max(50, min(MOST_CONNECTIONS, most))


class Config(uvicorn.Config):
    """uvicorn's settings with our limits, and the connections that were closed for them."""

    def __init__(self, app: ASGIApp, *, limits: Limits, **options: Any) -> None:
        super().__init__(app, http=Connection, **options)
        self.limits = limits
        self.ended = Ended()


class Ended:
    """Connections that were ended since the log said so last."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._said = -math.inf

    def add(self, why: str) -> None:
        """One more; the log tells now and then how many there were."""
        self._counts[why] = self._counts.get(why, 0) + 1
        if time.monotonic() - self._said > SAY_EVERY:
            self._said = time.monotonic()
            log.warning("connections_ended", **self._counts)
            self._counts.clear()


class Connection(HttpToolsProtocol):
    """One connection. `due`: the loop's time by which its request must be complete; infinite while none is awaited."""

    config: Config

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's own
        super().connection_made(transport)
        self._in_head, self._head = False, 0
        self.number = next(NUMBERS)  # the loop's clock counts milliseconds, in which several may come
        self.due = self.loop.time() + self.config.limits.seconds
        if len(self.connections) > self.config.limits.connections:
            self._make_room()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._in_head:
            self._head += len(data)
            if self._head > self.config.limits.head:
                self.end("headers_too_large")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._head = True, 0
        self.due = self.loop.time() + self.config.limits.seconds

    def on_headers_complete(self) -> None:
        self._in_head = False
        self.due = self.loop.time() + self.config.limits.body
        if len(self.url) + sum(map(len, itertools.chain.from_iterable(self.headers))) > self.config.limits.head:
            self.config.ended.add("headers_too_large")
            raise ValueError("headers too large")  # the parser stops, and uvicorn answers 400
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self.due = math.inf
        super().on_message_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        if cycle.scope["method"] != "HEAD":  # whose answer has no body that its head could wait for
            cycle.transport = Joined(cycle.transport, self.loop)
        super()._start_asgi_task(cycle, app)

    @property
    def is_idle(self) -> bool:
        """Kept open between two requests."""
        return self.due == math.inf and (self.cycle is None or self.cycle.response_complete)

    def end(self, why: str, words: bytes = b"") -> None:
        """Close it; `words` is an answer, which is only given where none was begun."""
        self.config.ended.add(why)
        if words and (self.cycle is None or self.cycle.response_complete or not self.cycle.response_started):
            self.transport.write(words)
        self.transport.close()

    def _make_room(self) -> None:
        """Whoever has waited longest without sending a request goes, then whoever is idle, else the newcomer."""
        others = [each for each in self.connections if isinstance(each, Connection) and each is not self]
        open_ones = [each for each in others if not each.transport.is_closing()]
        waiting = min(open_ones, key=lambda each: (each.due, each.number), default=self)
        idle = next((each for each in open_ones if each.is_idle), self)
        (waiting if waiting.due < math.inf else idle).end("too_many_connections")


def end_slow(server: uvicorn.Server) -> None:
    """End every connection whose request is overdue. Called once a second."""
    now = asyncio.get_running_loop().time()
    for each in list(server.server_state.connections):
        if isinstance(each, Connection) and each.due < now and not each.transport.is_closing():
            each.end("no_complete_request", TOO_SLOW)

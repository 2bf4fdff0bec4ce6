"""A thin client of Intercom's API in which every outcome has a type. contacts.py and conversations.py call it."""

from __future__ import annotations

import copy
import socket
import struct
import time
from collections.abc import Mapping
from typing import Any, Self

import aiohttp
import msgspec
import structlog

from leadline.errors import LeadlineError, Retry, SettingError, Waiting, silence
from leadline.intercom.admission import Background, Breaker, Budget, Window
from leadline.intercom.clock import Clock
from leadline.intercom.outcomes import (
    Answer,
    Misdirected,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
    Unreachable,
    read_answer,
)
from leadline.intercom.routes import is_read, route
from leadline.tracing import headers, span

_log = structlog.get_logger("leadline.intercom")
CLOCK_AGE = 600.0
"""Seconds after which Intercom's time is asked anew: so long two clocks stay within milliseconds of each other."""


class Client:
    """Calls one Intercom workspace. Makes every call once; trying again is for the lane, which knows what was done.

    url: base address of the workspace's region. token: access token of the app. timeout: seconds for a whole call.
    Raises SettingError when the token cannot be one.
    version: the API version asked for. tag_ids and formatted_phone: what other modules have learnt about the
    workspace, so that they ask once.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        url: str,
        token: str,
        version: str = "2.16",
        budget: Budget | None = None,
        breaker: Breaker | None = None,
        timeout: float = 20,
    ) -> None:
        if not is_token(token):
            raise SettingError(
                "LEADLINE_INTERCOM_TOKEN is no access token: copy it again from Intercom's Developer Hub"
            )
        self._session = session
        self._url = url.rstrip("/")
        self._budget = budget
        self._breaker = breaker
        self._timeout = timeout
        self._window: Window | None = None
        self.clock = Clock()
        self._headers = {
            "Authorization": f"Bearer {token}",
            "Intercom-Version": version,
            "Accept": "application/json",
            "Content-Type": "application/json",
            "User-Agent": "Leadline",
        }
        self.version = version
        self.tag_ids: dict[str, str] = {}
        self.formatted_phone: bool | None = None

    def in_background(self) -> Client:
        """The same client for work that nobody waits for: it leaves half of Intercom's calls to the messages."""
        other = copy.copy(self)
        other._budget = Background(self._budget)
        return other

    def speaking(self, version: str) -> Self:
        """The same client, asking for another version of the API."""
        other = copy.copy(self)
        other._headers = {**self._headers, "Intercom-Version": version}
        other.version = version
        return other

    def within(self, window: Window) -> Self:
        """The same client, whose calls start and end within the window."""
        bounded = copy.copy(self)
        bounded._window = window
        return bounded

    async def time(self) -> float:
        """The earliest unix time it can be at Intercom; asks (GET /me) where that was not told lately.

        Raises what `call` raises, and Waiting where Intercom's answers have no Date header.
        """
        if self.clock.age > CLOCK_AGE:
            await self.call("GET", "/me")
        if self.clock.age > CLOCK_AGE:
            raise Waiting("intercom_without_date", "Intercom's answers have no Date header: a proxy takes it out")
        return self.clock.now()

    async def call(
        self, method: str, path: str, *, body: object | None = None, params: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Make one call and return the JSON object of a success; an empty answer is an empty object.

        Bytes inside `body` are sent as base64. Raises IntercomError (NotFound, Conflict, Merged) when refused,
        RateLimited, Unauthorized, Misdirected, Unavailable, and OutcomeUnknown for a write that may have been done;
        Waiting when its window (`within`) is over, and Outage while Intercom is known to be away.
        """
        await self._admitted()
        started = time.perf_counter()
        try:
            with span("intercom_call", method=method, route=route(path)):
                answer = await self._send(method, path, body, params)
        except (Unavailable, OutcomeUnknown) as broken:
            self._tell(broken, read_only=is_read(method, path), status=0)
            raise
        self.clock.learn(answer.headers.get("Date"))
        milliseconds = round((time.perf_counter() - started) * 1000)
        await self._learn(answer)
        failure, value = read_answer(answer)
        self._tell(failure, read_only=answer.read_only, status=answer.status)
        _log.log(
            30 if failure else 10,
            "intercom_call",
            method=method,
            route=route(path),
            status=answer.status,
            ms=milliseconds,
            request_id=answer.request_id(value),
            **({"outcome": type(failure).__name__} if failure else {}),
        )
        if failure:
            raise failure
        return value

    async def _send(self, method: str, path: str, body: object | None, params: Mapping[str, str] | None) -> Answer:
        sent = None if body is None else msgspec.json.encode(body)
        read_only = is_read(method, path)
        seconds = self._window.seconds() if self._window else self._timeout
        try:
            async with self._session.request(
                method,
                self._url + path,
                data=sent,
                params=params,
                headers={**self._headers, **headers()},
                timeout=aiohttp.ClientTimeout(total=seconds, sock_connect=min(seconds, 10)),
                allow_redirects=False,
            ) as response:
                return Answer(response.status, response.headers, await response.read(), read_only)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            self._lost(method, path, error)
            raise Unreachable(f"Intercom cannot be reached: {silence(error)}. It will be tried again") from None
        except aiohttp.InvalidURL:
            raise Misdirected(f"LEADLINE_INTERCOM_URL is no web address: '{self._url}'") from None
        except (aiohttp.ClientError, TimeoutError) as error:
            self._lost(method, path, error)
            raise _interrupted(read_only, method, route(path), error) from None

    async def _admitted(self) -> None:
        """Until there is a call left; raises Outage while Intercom is away, also when that is found out meanwhile."""
        if self._breaker:
            self._breaker.check()
        if self._budget:
            await self._budget.spend()
        if self._breaker:
            self._breaker.check()

    def _tell(self, failure: LeadlineError | None, *, read_only: bool, status: int) -> None:
        """Whether Intercom is there. A refusal is an answer; the limit of calls is the budget's business."""
        if self._breaker is None or isinstance(failure, RateLimited):
            return
        if isinstance(failure, Retry):
            sure = status in {401, 502, 503} or isinstance(failure, Unreachable)
            self._breaker.failed(failure, sure=sure, is_write=not read_only, at_once=status == 401)
        else:
            self._breaker.worked(is_write=not read_only)

    def _lost(self, method: str, path: str, error: Exception) -> None:
        _log.warning("intercom_call", method=method, route=route(path), status=0, outcome=type(error).__name__)

    async def _learn(self, answer: Answer) -> None:
        if self._budget and (window := answer.window()):
            await self._budget.learn(*window)


def is_token(text: str) -> bool:
    """Whether a text can be an access token at all: visible ASCII, without spaces."""
    return bool(text) and text.isascii() and text.isprintable() and " " not in text


def open_session() -> aiohttp.ClientSession:
    """Connections that take along what was not sent when they are closed: a write that was given up while the network
    was cut must not arrive when it is whole again.
    """
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(socket_factory=_socket))


def _socket(address: aiohttp.AddrInfoType) -> socket.socket:
    family, kind, protocol, *_ = address
    made = socket.socket(family, kind, protocol)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return made


def _interrupted(read_only: bool, method: str, route: str, error: Exception) -> Unavailable | OutcomeUnknown:
    cause = "took too long" if isinstance(error, TimeoutError) else f"broke off ({type(error).__name__})"
    if read_only:
        return Unavailable(f"{method} {route} {cause}; it will be tried again")
    return OutcomeUnknown(f"{method} {route} {cause}, and Intercom may have done it; it is looked up before a repeat")

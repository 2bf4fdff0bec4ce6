"""A thin client of Intercom's API in which every outcome has a type. contacts.py and conversations.py call it."""

from __future__ import annotations

import asyncio
import copy
import re
import time
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import quote

import aiohttp
import msgspec
import structlog

from leadline.errors import SettingError
from leadline.intercom.outcomes import (
    Answer,
    Conflict,
    IntercomError,
    Merged,
    Misdirected,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Unauthorized,
    Unavailable,
    read_answer,
)
from leadline.intercom.wire import items, mapping, text
from leadline.model import Struct

__all__ = [
    "Admin",
    "Budget",
    "Client",
    "Conflict",
    "IntercomError",
    "Me",
    "Merged",
    "Misdirected",
    "NotFound",
    "OutcomeUnknown",
    "RateLimited",
    "Unauthorized",
    "Unavailable",
    "path",
]

LONGEST_WINDOW = 10.0  # seconds: Intercom's limit is split into windows of this length (rate limit page, API 2.16)
_log = structlog.get_logger("leadline.intercom")
_ID = re.compile(r"(?<=/)(?![a-z_]+(?:/|$))[^/]+|(?<=find_by_external_id/)[^/]+")


class Budget(Protocol):
    """How many calls may still be made; shared by everything that calls for one workspace."""

    async def spend(self) -> None:
        """Take one call; may sleep until there is one."""

    async def learn(self, limit: int, remaining: int, reset: float) -> None:
        """Take over what Intercom answered: calls per window, calls left, unix time of the next window."""


class Background:
    """A budget behind that of the messages: it pauses while less than half of a window is left."""

    def __init__(self, budget: Budget | None) -> None:
        self._budget = budget
        self._short_until = 0.0

    async def spend(self) -> None:
        pause = self._short_until - time.time()
        if pause > 0:
            await asyncio.sleep(min(pause, LONGEST_WINDOW))
        if self._budget:
            await self._budget.spend()

    async def learn(self, limit: int, remaining: int, reset: float) -> None:
        self._short_until = reset if remaining * 2 < limit else 0.0
        if self._budget:
            await self._budget.learn(limit, remaining, reset)


class Me(Struct, frozen=True, kw_only=True):
    """The workspace and teammate a token belongs to. `region` is US, EU or AU."""

    workspace_id: str
    name: str
    region: str
    admin_id: str
    admin_name: str


class Admin(Struct, frozen=True, kw_only=True):
    """A teammate."""

    admin_id: str
    name: str
    email: str
    has_inbox_seat: bool


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
        timeout: float = 20,
    ) -> None:
        if not token.isascii() or not token.isprintable() or " " in token or not token:
            raise SettingError(
                "LEADLINE_INTERCOM_TOKEN is no access token: copy it again from Intercom's Developer Hub"
            )
        self._session = session
        self._url = url.rstrip("/")
        self._budget = budget
        self._timeout = aiohttp.ClientTimeout(total=timeout, sock_connect=min(timeout, 10))
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

    async def call(
        self, method: str, path: str, *, body: object | None = None, params: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Make one call and return the JSON object of a success; an empty answer is an empty object.

        Bytes inside `body` are sent as base64. Raises IntercomError (NotFound, Conflict, Merged) when refused,
        RateLimited, Unauthorized, Misdirected, Unavailable, and OutcomeUnknown for a write that may have been done.
        """
        if self._budget:
            await self._budget.spend()
        started = time.perf_counter()
        answer = await self._send(method, path, body, params)
        milliseconds = round((time.perf_counter() - started) * 1000)
        await self._learn(answer)
        failure, value = read_answer(answer)
        _log.log(
            30 if failure else 10,
            "intercom_call",
            method=method,
            route=_route(path),
            status=answer.status,
            ms=milliseconds,
            request_id=answer.request_id(value),
            **({"outcome": type(failure).__name__} if failure else {}),
        )
        if failure:
            raise failure
        return value

    async def me(self) -> Me:
        """Whose token this is (GET /me); raises IntercomError when the answer names no workspace."""
        answer = await self.call("GET", "/me")
        app = mapping(answer.get("app"))
        if not text(app.get("id_code")):
            raise IntercomError(200, "no_workspace", "Intercom's answer to GET /me names no workspace")
        return Me(
            workspace_id=text(app.get("id_code")),
            name=text(app.get("name")),
            region=text(app.get("region")),
            admin_id=text(answer.get("id")),
            admin_name=text(answer.get("name")),
        )

    async def admins(self) -> tuple[Admin, ...]:
        """The teammates of the workspace (GET /admins)."""
        answer = await self.call("GET", "/admins")
        return tuple(
            Admin(
                admin_id=text(admin.get("id")),
                name=text(admin.get("name")),
                email=text(admin.get("email")),
                has_inbox_seat=admin.get("has_inbox_seat") is True,
            )
            for admin in items(answer.get("admins"))
        )

    async def _send(self, method: str, path: str, body: object | None, params: Mapping[str, str] | None) -> Answer:
        sent = None if body is None else msgspec.json.encode(body)
        read_only = method == "GET" or path.endswith("/search")
        try:
            async with self._session.request(
                method,
                self._url + path,
                data=sent,
                params=params,
                headers=self._headers,
                timeout=self._timeout,
                allow_redirects=False,
            ) as response:
                return Answer(response.status, response.headers, await response.read(), read_only)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            self._lost(method, path, error)
            raise Unavailable(f"Intercom cannot be reached ({type(error).__name__}); it will be tried again") from None
        except aiohttp.InvalidURL:
            raise Misdirected(f"LEADLINE_INTERCOM_URL is no web address: '{self._url}'") from None
        except (aiohttp.ClientError, TimeoutError) as error:
            self._lost(method, path, error)
            raise _interrupted(read_only, method, _route(path), error) from None

    def _lost(self, method: str, path: str, error: Exception) -> None:
        _log.warning("intercom_call", method=method, route=_route(path), status=0, outcome=type(error).__name__)

    async def _learn(self, answer: Answer) -> None:
        if self._budget and (window := answer.window()):
            await self._budget.learn(*window)


def path(template: str, *ids: str) -> str:
    """Fill `{}` in a route with escaped ids; raises NotFound where one is empty or would lead to another route."""
    for value in ids:
        if value.strip() in {"", ".", ".."}:
            raise NotFound(404, "not_found", f"'{value}' is no id of anything in Intercom")
    return template.format(*(quote(value, safe="") for value in ids))


def _interrupted(read_only: bool, method: str, route: str, error: Exception) -> Unavailable | OutcomeUnknown:
    cause = "took too long" if isinstance(error, TimeoutError) else f"broke off ({type(error).__name__})"
    if read_only:
        return Unavailable(f"{method} {route} {cause}; it will be tried again")
    return OutcomeUnknown(f"{method} {route} {cause}, and Intercom may have done it; it is looked up before a repeat")


def _route(path: str) -> str:
    """The path with every id taken out, for logs."""
    return _ID.sub("{id}", path)

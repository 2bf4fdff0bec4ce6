"""Faults on demand: the next calls fail before or after they acted, wait, or lose their connection. Used by call.py.

Set through `POST /_sandbox/faults` (see control.py); kept in memory, so a restart forgets them.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from contextlib import suppress
from typing import Annotated, Literal

import msgspec
from starlette.requests import Request

from leadline.sandbox.workspace import ApiError


class Gone(Exception):
    """The connection was cut on purpose: there is nobody to answer."""


class Instead(Exception):
    """Another body is answered than the call's own."""

    def __init__(self, body: str) -> None:
        super().__init__(body)
        self.body = body


class Fault(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One rule for the next `times` calls whose method and path match these regular expressions (whole match).

    when: `before` the call acts, or `after` it committed (the response is lost, the effect is not).
    status: answered in the error envelope; answer: a success with this body instead, whatever it is; drop: the
    connection is cut; delay: seconds waited first. With none of the first three the call is only slow.
    """

    method: str = ".*"
    path: str = ".*"
    times: Annotated[int, msgspec.Meta(ge=1)] = 1
    skip: Annotated[int, msgspec.Meta(ge=0)] = 0
    when: Literal["before", "after"] = "before"
    status: Annotated[int, msgspec.Meta(ge=400, le=599)] | None = None
    code: str = "server_error"
    message: str = "Injected by the sandbox"
    headers: dict[str, str] = {}
    answer: str | None = None
    drop: bool = False
    delay: Annotated[float, msgspec.Meta(ge=0, le=600)] = 0.0


class Faults:
    """The rules in force, in the order they were added, how often each route was called, and calls that wait now."""

    def __init__(self) -> None:
        self.rules: list[Fault] = []
        self.held = 0  # calls that stand still now because of a rule
        self.calls: Counter[str] = Counter()
        self._cleared = asyncio.Event()

    def add(self, fault: Fault) -> None:
        """Raises ApiError 400 for a regular expression that is none."""
        try:
            re.compile(fault.method)
            re.compile(fault.path)
        except re.error as error:
            raise ApiError(400, "parameter_invalid", f"Not a regular expression: {error}") from error
        self.rules.append(fault)

    def clear(self) -> None:
        """No rule is in force any more, and no call waits for one."""
        self.rules.clear()
        self._cleared.set()
        self._cleared = asyncio.Event()

    def next(self, method: str, path: str, route: str) -> Fault | None:
        """Count the call; the rule it falls under, used up by one."""
        self.calls[route] += 1
        for fault in self.rules:
            if not (re.fullmatch(fault.method, method) and re.fullmatch(fault.path, path)):
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            fault.times -= 1
            if fault.times == 0:
                self.rules.remove(fault)
            return fault
        return None

    async def before(self, fault: Fault | None, request: Request) -> None:
        if fault and fault.when == "before":
            await self._strike(fault, request)

    async def after(self, fault: Fault | None, request: Request) -> None:
        if fault and fault.when == "after":
            await self._strike(fault, request)

    async def _strike(self, fault: Fault, request: Request) -> None:
        await self._wait(fault.delay)
        if fault.drop:
            if transport := request.scope.get("sandbox.transport"):
                transport.abort()
            raise Gone
        if fault.answer is not None:
            raise Instead(fault.answer)
        if fault.status:
            raise ApiError(fault.status, fault.code, fault.message, headers=fault.headers)

    async def _wait(self, seconds: float) -> None:
        """Until they are over or the rules are cleared."""
        self.held += 1
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._cleared.wait()
        finally:
            self.held -= 1

"""Failures on demand, for the fakes: refused, lost answers, or accepted and failed later."""

from __future__ import annotations

from typing import Literal

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from leadline.model import Struct


class Fault(Struct, frozen=True, kw_only=True):
    """How one send fails.

    refuse: answered with `status` and the provider's `code`, or `word` where its codes are words, and its `subcode`
    where it has some. late: accepted, then reported as failed with `code` or `word`.
    drop: accepted, but the answer never arrives. down: not accepted, answered with `status` and no provider code.
    """

    how: Literal["refuse", "late", "drop", "down"] = "refuse"
    status: int = 400
    code: int = 0
    word: str = ""
    subcode: int = 0
    message: str = "Planned by the sandbox"
    retry_after: int = 0

    @property
    def adapter_code(self) -> str:
        """The provider's code as adapters keep it."""
        return self.word or str(self.code)


def planned(fault: Fault | None, how: Literal["refuse", "late", "drop", "down"]) -> Fault | None:
    """The fault, if a send is to fail in this way."""
    return fault if fault and fault.how == how else None


class Faults:
    """Planned failures by provider and, where given, by customer address; each is used up once."""

    def __init__(self) -> None:
        self._planned: list[tuple[str, str, Fault]] = []

    def plan(self, provider: str, fault: Fault, *, to: str = "", times: int = 1) -> None:
        """The next `times` sends of this provider (to this address) fail so."""
        self._planned += [(provider, to, fault)] * times

    def clear(self) -> None:
        """No failure is planned any more."""
        self._planned.clear()

    def take(self, provider: str, to: str) -> Fault | None:
        """The failure this send gets, if any."""
        for place, (planned_for, address, fault) in enumerate(self._planned):
            if planned_for == provider and address in ("", to):
                del self._planned[place]
                return fault
        return None


class LostAnswer(Response):
    """An answer that breaks off: more is announced than comes, so the client cannot tell what happened."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"1000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})

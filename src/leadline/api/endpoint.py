"""What an endpoint is: one row of the table of which both the routes and the description are made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from leadline.api.keys import Key
from leadline.api.scopes import Scope
from leadline.model import Struct

PREFIX = "/api/v1"


class Call(Struct, frozen=True, kw_only=True):
    """One request that was let in. query, body: as the endpoint's types have them. once: its Idempotency-Key."""

    key: Key
    path: Mapping[str, str]
    query: Any = None
    body: Any = None
    once: str = ""

    @property
    def workspace_id(self) -> str:
        return self.key.workspace_id


class Endpoint(Struct, frozen=True, kw_only=True):
    """One thing the API does.

    path: behind PREFIX. query, body: what it takes, None for nothing. status: of its answer. fails: the problems it has
    beside those of every endpoint. idempotent: it takes an Idempotency-Key, and needs one.
    """

    method: str
    path: str
    name: str
    summary: str
    scope: Scope
    act: Callable[[Call], Awaitable[Any]]
    answer: type
    query: type | None = None
    body: type | None = None
    status: int = 200
    fails: tuple[int, ...] = ()
    idempotent: bool = False

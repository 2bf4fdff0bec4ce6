"""Another system that uses the API of a town, over real HTTP."""

from __future__ import annotations

from typing import Any

from leadline.api import Keys
from leadline.api.scopes import SCOPES
from tests.acceptance.town import Town

ANN = "+353861112223"
"""Somebody who wrote and is on record."""
BEA = "+353861112224"
"""Somebody whom nobody knows."""


class Caller:
    """One key."""

    def __init__(self, town: Town, token: str) -> None:
        self.town = town
        self.token = token

    async def call(self, method: str, path: str, *, body: Any = None, query: Any = None, **headers: str) -> Any:
        """The status, and the answer as JSON."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named.setdefault("Authorization", f"Bearer {self.token}")
        url = f"{self.town.places.leadline}/api/v1{path}"
        async with self.town.http.request(method, url, json=body, params=query, headers=named) as answer:
            told = await answer.json(content_type=None)
            if answer.status >= 400:
                assert answer.content_type == "application/problem+json", told
                assert told.keys() == {"type", "title", "status", "detail", "code"}
                assert told["status"] == answer.status
            return answer.status, told

    async def get(self, path: str, **query: str | int) -> Any:
        """What a question is answered."""
        status, told = await self.call("GET", path, query=query)
        assert status == 200, told
        return told

    async def send(self, once: str, **body: Any) -> Any:
        """The status and answer of a message to be sent."""
        return await self.call("POST", "/messages", body=body, Idempotency_Key=once)


async def caller(town: Town, *scopes: str, workspace_id: str = "sandbox", name: str = "shop") -> Caller:
    """A caller with a new key that has these scopes, or all."""
    keys = Keys(town.leadline.database, workspace_id)
    return Caller(town, await keys.create(name, scopes or [*SCOPES]))

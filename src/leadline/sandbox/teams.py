"""GET /teams and /teams/{id}: the teams a conversation can be assigned to."""

from __future__ import annotations

from typing import Any

from leadline.sandbox.call import Call
from leadline.sandbox.documents import Row
from leadline.sandbox.queries import queries
from leadline.sandbox.workspace import ApiError


async def list_teams(call: Call) -> dict[str, Any]:
    return {"type": "team.list", "teams": [_document(row) async for row in queries.all_teams(call.connection)]}


async def get_team(call: Call) -> dict[str, Any]:
    key = call.path["id"]
    row = await queries.team_by_id(call.connection, id=int(key)) if key.isdecimal() and len(key) < 19 else None
    if row is None:
        raise ApiError(404, "team_not_found", "Team not found")
    return _document(row)


def _document(row: Row) -> dict[str, Any]:
    return {"type": "team", "id": str(row["id"]), "name": row["name"], "admin_ids": row["admin_ids"]}

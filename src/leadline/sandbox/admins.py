"""GET /me, /admins and /admins/{id}: the teammates of the workspace, and which of them the token belongs to."""

from __future__ import annotations

from typing import Any

from leadline.sandbox import documents
from leadline.sandbox.call import Call
from leadline.sandbox.queries import queries
from leadline.sandbox.workspace import ApiError
from leadline.store.database import Connection

AVATAR = "https://static.intercomassets.com/assets/default-avatars/admins/128.png"


async def me(call: Call) -> dict[str, Any]:
    """The teammate who made the token (the first one), with the workspace in `app` (2.16: admin_with_app)."""
    owner = await first_admin(call.connection)
    settings = call.workspace.settings
    document = documents.admin(owner)
    for absent in ("away_status_reason_id", "team_priority_level"):
        del document[absent]
    return document | {
        "email_verified": True,
        "avatar": {"type": "avatar", "image_url": AVATAR},
        "app": {
            "type": "app",
            "id_code": settings.workspace_id,
            "name": settings.name,
            "created_at": owner["created_at"],
            "secure": False,
            "identity_verification": False,
            "timezone": settings.timezone,
            "region": settings.region,
        },
    }


async def list_admins(call: Call) -> dict[str, Any]:
    rows = [row async for row in queries.all_admins(call.connection)]
    return {"type": "admin.list", "admins": [documents.admin(row) for row in rows]}


async def get_admin(call: Call) -> dict[str, Any]:
    row = await find_admin(call.connection, call.path["id"])
    if row is None:
        raise ApiError(404, "admin_not_found", "Admin not found")
    return documents.admin(row)


async def first_admin(connection: Connection) -> documents.Row:
    rows: list[documents.Row] = [row async for row in queries.all_admins(connection)]
    if not rows:
        raise ApiError(401, "unauthorized", "Access Token Invalid: the workspace has no teammate; run its seed")
    return rows[0]


async def find_admin(connection: Connection, key: str | int | None) -> documents.Row | None:
    """The admin with that id, None for an unknown one or what is no id."""
    if key is None or not str(key).isdecimal() or len(str(key)) > 18:
        return None
    row: documents.Row | None = await queries.admin_by_id(connection, id=int(key))
    return row


async def need_admin(connection: Connection, key: str | int | None) -> documents.Row:
    """As find_admin; raises ApiError 404 as replies, notes and parts answer for a wrong admin_id."""
    row = await find_admin(connection, key)
    if row is None:
        raise ApiError(404, "not_found", "Resource Not Found")
    return row

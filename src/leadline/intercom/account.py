"""Whose token it is, and the teammates of its workspace. Connecting, the panel's roster and `doctor` ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadline.intercom.outcomes import IntercomError, listed
from leadline.intercom.wire import mapping, text
from leadline.model import Struct

if TYPE_CHECKING:
    from leadline.intercom.client import Client  # slow to import, and most commands only name what is here


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


async def me(client: Client) -> Me:
    """Whose token the client has (GET /me). Raises as `Client.call`, and IntercomError when no workspace is named."""
    answer = await client.call("GET", "/me")
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


async def admins(client: Client) -> tuple[Admin, ...]:
    """The teammates of the workspace (GET /admins); raises as `Client.call`."""
    answer = await client.call("GET", "/admins")
    return tuple(
        Admin(
            admin_id=text(admin.get("id")),
            name=text(admin.get("name")),
            email=text(admin.get("email")),
            has_inbox_seat=admin.get("has_inbox_seat") is True,
        )
        for admin in listed(answer, "admins")
    )

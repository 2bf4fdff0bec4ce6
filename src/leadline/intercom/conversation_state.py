"""What a conversation is beside its words: seen, and whose it is. `conversations/upkeep.py` changes it."""

from __future__ import annotations

from typing import Literal

from leadline.intercom.client import Client
from leadline.intercom.routes import path
from leadline.intercom.wire import text
from leadline.model import Struct


class Assignee(Struct, frozen=True):
    """A teammate (`admin`) or a team, by Intercom's id."""

    kind: Literal["admin", "team"]
    id: str


async def team_name(client: Client, conversation_id: str) -> str:
    """The name of the team a conversation is assigned to; empty where it is none. Source: GET /teams/{id}, API 2.16."""
    conversation = await client.call("GET", path("/conversations/{}", conversation_id))
    team_id = text(conversation.get("team_assignee_id"))
    if team_id in ("", "0"):
        return ""
    return text((await client.call("GET", path("/teams/{}", team_id))).get("name"))


async def mark_seen(client: Client, conversation_id: str) -> None:
    """As if a teammate had read it. Source: PUT /conversations/{id}, API 2.16."""
    await client.call("PUT", path("/conversations/{}", conversation_id), body={"read": True})


async def assign(client: Client, conversation_id: str, assignee: Assignee, *, admin_id: str) -> None:
    """Give it to somebody, in the name of a teammate. Source: POST /conversations/{id}/parts, API 2.16."""
    fields = {
        "message_type": "assignment",
        "type": assignee.kind,
        "admin_id": admin_id,
        "assignee_id": assignee.id,
    }
    await client.call("POST", path("/conversations/{}/parts", conversation_id), body=fields)

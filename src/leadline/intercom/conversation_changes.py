"""What changed in a workspace's conversations since a moment: for `conversations/reconciliation.py`.

Both functions may raise what Client.call raises.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from leadline.intercom.client import Client
from leadline.intercom.conversations import Conversation, read
from leadline.intercom.outcomes import following, listed
from leadline.intercom.wire import mapping, seconds, text

PAGE = 150
DELETED_PAGE = 60
DAYS = 2 * 86_400
"""Seconds by which the search begins early: a date may be matched by the day, in the workspace's time zone, as it is
for contacts (POST /contacts/search, API 2.16; the page of conversations does not say)."""


async def changed_since(client: Client, since: float) -> AsyncIterator[list[Conversation]]:
    """Pages of conversations that changed at or after `since` (Intercom's unix seconds), without their parts.

    The order of this search is asked for but documented nowhere: it ends at one that is older only where everything
    came in order. Source: POST /conversations/search, API 2.16.
    """
    query = {"field": "updated_at", "operator": ">", "value": max(0, int(since) - DAYS)}
    body: dict[str, Any] = {"query": query, "sort": {"field": "updated_at", "order": "descending"}}
    latest, in_order, after = float("inf"), True, ""
    while True:
        body["pagination"] = {"per_page": PAGE} | ({"starting_after": after} if after else {})
        answer = await client.call("POST", "/conversations/search", body=body)
        page = [read(raw) for raw in listed(answer, "conversations")]
        for each in page:
            in_order = in_order and each.updated_at <= latest
            latest = each.updated_at
        yield [each for each in page if each.updated_at >= int(since)]
        after = following(answer, after)
        if not after or (in_order and latest < int(since)):
            return


async def deleted_since(client: Client, since: float) -> list[str]:
    """Ids of conversations that were deleted at or after `since`, the last deleted first.

    Source: GET /conversations/deleted, new in API 2.16; with an earlier version none is known.
    """
    found: list[str] = []
    page = 1
    while client.version >= "2.16":
        params = {"page": str(page), "per_page": str(DELETED_PAGE), "order": "desc"}
        answer = await client.call("GET", "/conversations/deleted", params=params)
        page_of = listed(answer, "conversations")
        young = [text(each.get("id")) for each in page_of if seconds(each.get("deleted_at")) >= int(since)]
        found += young
        if (
            len(young) < len(page_of)
            or not page_of
            or page >= int(mapping(answer.get("pages")).get("total_pages") or 0)
        ):
            break
        page += 1
    return found

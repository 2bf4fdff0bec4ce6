"""Intercom's Preview API, which only some workspaces have and which may change any day: asked where it is wanted.

`merging/work.py` asks for its preview of a merge, `directory/activities.py` for its feed. Without it, or where it
answers in a way that is not known here, everything goes on as it does otherwise.

Source: API description "Preview" of August 2026 (merge preview, users into users, contact activities), read 2026-11-24.
"""

from __future__ import annotations

import time
from typing import Any

import structlog

from leadline.identity.merge_dry import DryChange, DryRun
from leadline.intercom.client import Client
from leadline.intercom.outcomes import IntercomError, NotFound, listed
from leadline.intercom.wire import items, mapping, next_page, text
from leadline.model import Reason, Struct

VERSION = "Preview"
ABSENT_FOR = 3600.0  # seconds before a workspace that had none is asked again
KINDS = ("activity_type", "event_type", "event", "action")
log = structlog.get_logger(__name__)


class Activity(Struct, frozen=True, kw_only=True):
    """What happened to a contact. kind: created, role_updated, merged, merge_failed or deleted.

    contact_id: of a merge the contact that went. into_id: the one that stayed; empty for all but merges.
    """

    kind: str
    contact_id: str
    into_id: str = ""


class Activities(Struct, frozen=True, kw_only=True):
    """A page of the feed, oldest first. after: the cursor of the next one, empty on the last."""

    listed: tuple[Activity, ...] = ()
    after: str = ""


class PreviewApi:
    """Asks workspaces for what only the Preview API has. wanted: the setting; False asks nobody."""

    def __init__(self, *, wanted: bool) -> None:
        self.wanted = wanted
        self._absent: dict[str, float] = {}

    def may(self, workspace_id: str) -> bool:
        """Whether it is wanted, and this workspace has not lately been seen without it."""
        return self.wanted and time.monotonic() >= self._absent.get(workspace_id, 0.0)

    async def merge(
        self, client: Client, workspace_id: str, from_id: str, into_id: str, *, skip: bool
    ) -> DryRun | None:
        """What Intercom says a merge would do; None where the workspace has no Preview API.

        skip: whether contacts that share neither e-mail nor phone may be merged; not allowed for two users. Raises what
        Client.call raises for anything but a refusal.
        """
        body: dict[str, Any] = {"from": from_id, "into": into_id} | (
            {"skip_duplicate_validation": True} if skip else {}
        )
        answer = await self._asked(client, workspace_id, "POST", "/contacts/merge/preview", body=body)
        return _dry_run(answer) if answer is not None else None

    async def activities(self, client: Client, workspace_id: str, after: str) -> Activities | None:
        """One page of what happened to contacts, from a cursor on; None where the workspace has no Preview API."""
        params = {"per_page": "150"} | ({"starting_after": after} if after else {})
        answer = await self._asked(client, workspace_id, "GET", "/contacts/activities", params=params)
        if answer is None:
            return None
        found = filter(None, map(_activity, listed(answer, "data")))
        return Activities(listed=tuple(found), after=next_page(answer, after))

    async def _asked(
        self, client: Client, workspace_id: str, method: str, path: str, **sent: Any
    ) -> dict[str, Any] | None:
        if not self.may(workspace_id):
            return None
        try:
            return await client.speaking(VERSION).call(method, path, **sent)
        except IntercomError as refused:
            if not 400 <= refused.status < 500:
                raise
            if isinstance(refused, NotFound) and "contact" in refused.message.casefold():
                return None  # one of the two has just gone, which says nothing of the workspace
            self._absent[workspace_id] = time.monotonic() + ABSENT_FOR
            log.info("no_preview_api", workspace=workspace_id, path=path, why=str(refused))
            return None


def _dry_run(answer: dict[str, Any]) -> DryRun | None:
    """None for an answer that says neither yes nor no."""
    if not isinstance(answer.get("allowed"), bool):
        return None
    summary = mapping(answer.get("summary"))
    attributes, moved = mapping(summary.get("attribute_changes")), mapping(summary.get("reassignments"))
    changes = items(attributes.get("attributes"))
    total = attributes.get("total_count")
    return DryRun(
        allowed=answer["allowed"],
        reasons=tuple(Reason(text(one.get("code")), text(one.get("message"))) for one in items(answer.get("reasons"))),
        changes=tuple(
            DryChange(field=text(one.get("field")), outcome=text(one.get("outcome")), result=one.get("new_into_value"))
            for one in changes
        ),
        total=total if isinstance(total, int) else len(changes),
        moved={name: count for name in moved if isinstance(count := mapping(moved[name]).get("from"), int)},
    )


def _activity(raw: dict[str, Any]) -> Activity | None:
    kind = next((text(raw.get(name)) for name in KINDS if raw.get(name)), "").removeprefix("contact.")
    source, target = text(raw.get("merge_source_id")), text(raw.get("merge_target_id"))
    contact_id = source or text(raw.get("contact_id")) or text(mapping(raw.get("contact")).get("id"))
    return Activity(kind=kind, contact_id=contact_id, into_id=target) if kind and contact_id else None

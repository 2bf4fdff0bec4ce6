"""What an act of the audit is, in words."""

from __future__ import annotations

from typing import Any

ACTS = {
    "alert.added": "added somebody who is told of alerts",
    "alert.changed": "changed who is told of alerts",
    "alert.removed": "took somebody out who was told of alerts",
    "audit.exported": "exported the audit",
    "channel.changed": "changed a channel",
    "channel.connected": "connected a channel",
    "channel.removed": "removed a channel",
    "channel.restored": "brought a channel back",
    "channel.rotated": "gave a channel a new webhook address",
    "key.rotated": "changed the secret key",
    "link.attach": "linked an address to a contact",
    "link.detach": "unlinked an address",
    "link.share": "marked a phone as shared",
    "link.undo": "undid a correction",
    "merge.calling": "had Intercom asked to merge",
    "merge.cancelled": "cancelled a merge",
    "merge.failed": "tried a merge that failed",
    "merge.forgotten": "had a merge's journal erased",
    "merge.merged": "merged two contacts",
    "merge.planned": "asked for a merge",
    "merge.undoing": "asked to undo a merge",
    "merge.undone": "undid a merge",
    "message.begun": "began a message",
    "parked.dropped": "gave up a parked message",
    "parked.retried": "tried a parked message again",
    "person.erased": "erased a person",
    "person.exported": "exported what is kept of a person",
    "retention.run": "purged what was old",
    "session.begun": "signed in",
    "session.revoked": "ended sessions",
    "user.invited": "invited somebody",
    "user.password": "chose a password",
    "user.removed": "took somebody out of the console",
    "user.reset": "made a link for a new password",
    "user.role": "gave somebody another role",
}


def act(code: str) -> str:
    """An act in words; its code where it is new."""
    return ACTS.get(code) or code.replace(".", ": ").replace("_", " ")


def details(detail: dict[str, Any] | None) -> list[tuple[str, str]]:
    """What else is on record: titles and values, before and after last."""
    rest = {name: value for name, value in (detail or {}).items() if name not in ("before", "after")}
    ordered = rest | {name: detail[name] for name in ("before", "after") if detail and name in detail}
    return [(name.replace("_", " "), _value(value)) for name, value in ordered.items()]


def _value(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_value(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return ", ".join(map(_value, value))
    return "none" if value is None else str(value)

"""What an act of the audit is, in words: what was done, about whom, with which details. Console and CLI ask here."""

from __future__ import annotations

from typing import Any

from leadline.identity.words import CHANNELS, address

CODED = {"reason", "code", "kind", "way"}
"""Details whose values are codes."""
SOURCES = {"console": "the console", "command line": "the command line", "panel": "the panel", "api": "the API"}
ACTS = {
    "alert.added": "added somebody who is told of alerts",
    "alert.changed": "changed who is told of alerts",
    "alert.removed": "took somebody out who was told of alerts",
    "api_key.created": "made a key of the API",
    "api_key.revoked": "revoked a key of the API",
    "api_key.rotated": "gave a key of the API another token",
    "audit.exported": "exported the audit",
    "backup.made": "made a backup",
    "backup.restored": "put a backup back",
    "channel.changed": "changed a channel",
    "channel.connected": "connected a channel",
    "channel.paused": "paused a channel",
    "channel.removed": "removed a channel",
    "channel.restored": "brought a channel back",
    "channel.resumed": "resumed a channel",
    "channel.rotated": "gave a channel a new webhook address",
    "consent.in": "noted that a customer takes messages",
    "consent.out": "noted that a customer refuses messages",
    "duplicates.auto_off": "switched merging duplicates unattended off",
    "duplicates.auto_on": "switched merging duplicates unattended on",
    "duplicates.batch": "began a batch of merges",
    "duplicates.different": "said that contacts are not one person",
    "duplicates.exported": "exported the list of duplicates",
    "duplicates.resumed": "went on with a batch of merges",
    "duplicates.stopped": "stopped a batch of merges",
    "duplicates.undoing": "asked to undo a batch of merges",
    "duplicates.unsure": "said of contacts that nobody can tell, or put them off",
    "import.begun": "began to link what another product left on contacts",
    "import.done": "linked what another product left on contacts",
    "import.undoing": "asked to take an import back",
    "import.undone": "took an import back",
    "key.rotated": "changed the secret key",
    "link.attach": "linked an address to a contact",
    "link.detach": "unlinked an address",
    "link.share": "marked a phone as shared",
    "link.unshare": "marked a phone as one person's",
    "link.undo": "undid a correction",
    "merge.calling": "had Intercom asked to merge",
    "merge.cancelled": "cancelled a merge",
    "merge.forgotten": "had a merge's journal erased",
    "merge.merged": "merged two contacts",
    "merge.planned": "asked for a merge",
    "merge.refused": "tried a merge that Intercom refused",
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
    "sign_in.added": "let people sign in with another provider",
    "sign_in.changed": "changed how people sign in",
    "sign_in.removed": "let nobody sign in with a provider any more",
    "setting.changed": "changed a setting",
    "user.invited": "invited somebody",
    "user.joined": "came in by the domain of their address",
    "user.linked": "signed in with an account for the first time",
    "user.not_linked": "tried to sign in with a second account",
    "user.password": "chose a password",
    "user.removed": "took somebody out of the console",
    "user.reset": "made a link for a new password",
    "user.role": "gave somebody another role",
    "user.unlinked": "forgot with which account somebody signs in",
    "webhook.added": "added a webhook",
    "webhook.changed": "changed a webhook",
    "webhook.paused": "paused a webhook",
    "webhook.removed": "removed a webhook",
    "webhook.replayed": "had events of a webhook sent again",
    "webhook.resumed": "resumed a webhook",
    "webhook.rotated": "gave a webhook another secret",
    "workspace.connected": "connected a workspace",
    "workspace.removed": "let a workspace go",
}


def act(code: str) -> str:
    """An act in words; its code where it is new."""
    return ACTS.get(code) or code.replace(".", ": ").replace("_", " ")


def about(subject: str | None) -> str:
    """What an act was about: an address as people read it, anything else as it is."""
    text = subject or ""
    return address(text) if text.partition(":")[0] in ("tel", *CHANNELS) else text


def details(detail: dict[str, Any] | None) -> list[tuple[str, str]]:
    """What else is on record: titles and values, before and after last."""
    rest = {name: value for name, value in (detail or {}).items() if name not in ("before", "after")}
    ordered = rest | {name: detail[name] for name in ("before", "after") if detail and name in detail}
    return [(name.replace("_", " "), _value(name, value)) for name, value in ordered.items()]


def _value(name: str, value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{inner.replace('_', ' ')} {_value(inner, each)}" for inner, each in value.items())
    if isinstance(value, list):
        return ", ".join(_value(name, each) for each in value)
    if value is None:
        return "none"
    return str(value).replace("_", " ") if name in CODED else about(str(value))

"""What an act of the audit is, in words: what was done, about whom, with which details. Console and CLI ask here."""

from __future__ import annotations

from typing import Any

from leadline.identity.words import CHANNELS, address

CODED = {"reason", "code", "kind", "way"}
"""Details whose values are codes."""
STATED = {*CODED, "before", "after", "state", "role"}
"""Details whose values may be words of Leadline's own."""
DETAILS = (
    *("about", "account", "accounts", "address", "after", "attempts", "before", "channel", "channel id", "code"),
    *("contact", "contact id", "contacts", "conversation", "detail", "domains", "email", "erased", "events", "failed"),
    *("filter", "former", "former id", "from", "groups", "handle", "handles", "host", "into", "issuer", "key", "kept"),
    *("kind", "kinds", "links", "merge id", "message id", "name", "number", "passwords", "pairs", "points"),
    *("provider", "providers", "quiet", "reason", "records", "reviewed", "role", "scopes", "since", "source", "state"),
    *("text", "to", "unattended", "undoes", "version", "way", "weights", "what", "workspace", "zone"),
)
"""What details are called."""
SOURCES = {"console": "the console", "command line": "the command line", "panel": "the panel", "api": "the API"}
ACTS = {
    "alert.added": "added somebody to be notified of alerts",
    "alert.changed": "changed who is notified of alerts",
    "alert.removed": "removed somebody from the alerts",
    "api_key.created": "created an API key",
    "api_key.revoked": "revoked an API key",
    "api_key.rotated": "gave an API key a new token",
    "audit.exported": "exported the audit",
    "backup.made": "made a backup",
    "backup.restored": "restored a backup",
    "channel.changed": "changed a channel",
    "channel.connected": "connected a channel",
    "channel.paused": "paused a channel",
    "channel.removed": "removed a channel",
    "channel.restored": "brought a channel back",
    "channel.resumed": "resumed a channel",
    "channel.rotated": "gave a channel a new webhook address",
    "consent.in": "noted an opt-in",
    "consent.out": "noted an opt-out",
    "duplicates.auto_off": "switched off unattended merging of duplicates",
    "duplicates.auto_on": "switched on unattended merging of duplicates",
    "duplicates.batch": "began a batch of merges",
    "duplicates.different": "said that contacts are not the same person",
    "duplicates.exported": "exported the list of duplicates",
    "duplicates.resumed": "resumed a batch of merges",
    "duplicates.stopped": "stopped a batch of merges",
    "duplicates.undoing": "asked to undo a batch of merges",
    "duplicates.unsure": "marked contacts as unsure, or put them off",
    "import.begun": "started an import of links from another product",
    "import.done": "imported links from another product",
    "import.undoing": "asked to undo an import",
    "import.undone": "undid an import",
    "key.rotated": "rotated the secret key",
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
    "parked.dropped": "dropped a parked message",
    "parked.retried": "tried a parked message again",
    "person.erased": "erased a person",
    "person.exported": "exported what is on record about a person",
    "retention.run": "purged old records",
    "session.begun": "signed in",
    "session.revoked": "ended sessions",
    "sign_in.added": "added a sign-in provider",
    "sign_in.changed": "changed how people sign in",
    "sign_in.removed": "removed a sign-in provider",
    "setting.changed": "changed a setting",
    "user.invited": "invited somebody",
    "user.joined": "joined through the domain of their e-mail address",
    "user.linked": "signed in with an account for the first time",
    "user.not_linked": "tried to sign in with a second account",
    "user.password": "chose a password",
    "user.removed": "removed somebody from the console",
    "user.reset": "created a link for a new password",
    "user.role": "changed somebody's role",
    "user.unlinked": "unlinked the account that somebody signs in with",
    "webhook.added": "added a webhook",
    "webhook.changed": "changed a webhook",
    "webhook.paused": "paused a webhook",
    "webhook.removed": "removed a webhook",
    "webhook.replayed": "replayed events of a webhook",
    "webhook.resumed": "resumed a webhook",
    "webhook.rotated": "gave a webhook a new secret",
    "workspace.connected": "connected a workspace",
    "workspace.removed": "removed a workspace",
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

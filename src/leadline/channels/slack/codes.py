"""Slack's error words as Leadline's reasons. Used by `adapter.py`.

Source: errors of chat.postMessage and files.completeUploadExternal in Slack's Web API reference, November 2026.
"""

from __future__ import annotations

from leadline.channels.reasons import AUTH_FAILED

_WORDS_OF_REASON: dict[str, tuple[str, ...]] = {
    AUTH_FAILED: (
        "account_inactive",
        "ekm_access_denied",
        "enterprise_is_restricted",
        "invalid_auth",
        "missing_scope",
        "no_permission",
        "not_authed",
        "org_login_required",
        "token_expired",
        "token_revoked",
    ),
    "rate_limited": ("rate_limited", "ratelimited", "message_limit_exceeded"),
    "invalid_recipient": ("channel_not_found", "invalid_channel", "user_not_found", "users_not_found"),
    "not_on_channel": ("user_disabled", "cannot_dm_bot", "not_in_dm"),
    "sender_rejected": (
        "not_in_channel",
        "is_archived",
        "access_denied",
        "messages_tab_disabled",
        "posting_to_channel_denied",
        "restricted_action",
        "restricted_action_read_only_channel",
        "restricted_action_thread_only_channel",
        "restricted_action_non_threadable_channel",
        "restricted_action_thread_locked",
        "team_access_not_granted",
    ),
    "account_suspended": ("team_added_to_org", "team_not_found"),
    "too_long": ("msg_too_long", "msg_blocks_too_long"),
    "content_rejected": ("no_text", "invalid_blocks", "markdown_text_conflict", "message_blocked"),
    "media_rejected": ("file_not_found", "file_update_failed", "invalid_file", "storage_limit_reached"),
}
REASON_OF_WORD = {word: reason for reason, words in _WORDS_OF_REASON.items() for word in words}

WAITS = frozenset((*_WORDS_OF_REASON[AUTH_FAILED], *_WORDS_OF_REASON["rate_limited"]))
"""Surely not taken: tried again, or waiting for an operator."""

NOBODY_KNOWS = frozenset(("fatal_error", "internal_error", "request_timeout", "service_unavailable"))
"""Slack failed by itself, and says that the message may have gone out."""

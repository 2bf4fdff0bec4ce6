"""What Slack's events hold that is no message of a customer. Used by `events.py`.

Source: Slack's reference of events and its list of message subtypes, November 2026.
"""

from __future__ import annotations

NOISE = {
    "own": "A message of a bot, of Slackbot, of the app itself or of your own people",
    "group": "News about a channel: who came and went, its name, its topic, its pinned messages, its calls",
    "untouched": "A message that only Slack changed: it hung a preview on a link",
    "elsewhere": "A reaction to something other than a message",
    "account": "News about the workspace, its people and files, the app or its pages",
}
_PLACES = (
    *("member_joined_channel", "member_left_channel", "pin_added", "pin_removed"),
    *("channel_archive", "channel_created", "channel_deleted", "channel_history_changed", "channel_id_changed"),
    *("channel_left", "channel_rename", "channel_shared", "channel_unarchive", "channel_unshared"),
    *("group_archive", "group_close", "group_deleted", "group_history_changed", "group_left", "group_open"),
    *("group_rename", "group_unarchive", "im_close", "im_created", "im_history_changed", "im_open"),
)
_ACCOUNT = (
    *("app_deleted", "app_home_opened", "app_installed", "app_requested", "app_uninstalled", "app_uninstalled_team"),
    *("assistant_thread_context_changed", "assistant_thread_started", "call_rejected", "dnd_updated"),
    *("dnd_updated_user", "email_domain_changed", "emoji_changed", "entity_details_requested", "function_executed"),
    *("file_change", "file_comment_added", "file_comment_deleted", "file_comment_edited", "file_created"),
    *("file_deleted", "file_public", "file_shared", "file_unshared", "grid_migration_finished"),
    *("grid_migration_started", "invite_requested", "link_shared", "message_metadata_deleted"),
    *("message_metadata_posted", "message_metadata_updated", "resources_added", "resources_removed"),
    *("scope_denied", "scope_granted", "shared_channel_invite_accepted", "shared_channel_invite_approved"),
    *("shared_channel_invite_declined", "shared_channel_invite_received", "shared_channel_invite_requested"),
    *("star_added", "star_removed", "subteam_created", "subteam_members_changed", "subteam_self_added"),
    *("subteam_self_removed", "subteam_updated", "team_access_granted", "team_access_revoked"),
    *("team_domain_change", "team_join", "team_rename", "tokens_revoked", "user_change", "user_huddle_changed"),
    *("user_profile_changed", "user_status_changed"),
)
LEFT_ALONE = {**dict.fromkeys(_PLACES, "group"), **dict.fromkeys(_ACCOUNT, "account")}
"""Events that are no message, by their type; a file that is shared comes as a message as well."""

_NEWS = "join leave topic purpose name archive unarchive posting_permissions convert_to_private canvas_updated"
SERVICE = frozenset(
    {f"{place}_{news}" for place in ("channel", "group") for news in _NEWS.split()}
    | {"pinned_item", "unpinned_item", "bot_add", "bot_remove", "reminder_add", "reminder_delete", "tombstone"}
    | {"huddle_thread", "sh_room_created", "sh_room_shared"}
)
"""Subtypes by which a message is only news about its channel; every other one is shown."""

"""What Telegram's updates hold that is no message, and the fields around a message's content. Used by `update.py`.

Source: Bot API 10.1, November 2026.
"""

from __future__ import annotations

NOISE = {
    "own": "A message of a bot",
    "echo": "What the owner of a business account wrote in Telegram; shown where `show_echoes` is on",
    "channel": "A post in a channel: the business writes there, not a customer",
    "moved": "A live location that moved",
    "group": "News about a group: who came and went, its title, its topics, its pinned message",
    "membership": "The bot was put into a group or taken out of it",
    "inline": "Somebody looks something up through the bot, from another chat",
    "payment": "A question of Telegram's payments, which the program that sells answers",
    "account": "News about the bot, its boosts or its connection to a business account",
    "votes": "How votes in a poll stand",
}
LEFT_ALONE = {
    "channel_post": "channel",
    "edited_channel_post": "channel",
    "message_reaction_count": "channel",
    "inline_query": "inline",
    "chosen_inline_result": "inline",
    "shipping_query": "payment",
    "pre_checkout_query": "payment",
    "purchased_paid_media": "payment",
    "chat_member": "membership",
    "chat_join_request": "membership",
    "chat_boost": "account",
    "removed_chat_boost": "account",
    "business_connection": "account",
    "managed_bot": "account",
    "poll": "votes",
    "poll_answer": "votes",
}
SERVICE = frozenset(
    {
        "boost_added",
        "channel_chat_created",
        "chat_background_set",
        "chat_owner_changed",
        "chat_owner_left",
        "connected_website",
        "delete_chat_photo",
        "forum_topic_closed",
        "forum_topic_created",
        "forum_topic_edited",
        "forum_topic_reopened",
        "general_forum_topic_hidden",
        "general_forum_topic_unhidden",
        "group_chat_created",
        "left_chat_member",
        "message_auto_delete_timer_changed",
        "migrate_from_chat_id",
        "migrate_to_chat_id",
        "new_chat_members",
        "new_chat_photo",
        "new_chat_title",
        "pinned_message",
        "proximity_alert_triggered",
        "supergroup_chat_created",
        "video_chat_ended",
        "video_chat_participants_invited",
        "video_chat_scheduled",
        "video_chat_started",
        "write_access_allowed",
    }
)
"""Fields by which a message is only news about its chat."""

AROUND = frozenset(
    {
        "author_signature",
        "business_connection_id",
        "caption_entities",
        "chat",
        "date",
        "edit_date",
        "effect_id",
        "entities",
        "external_reply",
        "forward_origin",
        "from",
        "has_protected_content",
        "is_from_offline",
        "is_topic_message",
        "link_preview_options",
        "media_group_id",
        "message_id",
        "message_thread_id",
        "quote",
        "reply_markup",
        "reply_to_message",
        "sender_chat",
        "via_bot",
    }
)
"""Fields that say nothing of what was written."""

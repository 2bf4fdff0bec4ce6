"""What Messenger's and Instagram's webhooks hold that is no message. Used by `batch.py` and both adapters."""

from __future__ import annotations

NOISE = {
    "echo": "What the business itself wrote, in Meta's inbox or by another app, unless `show_echoes` is on",
    "control": "Which app has the conversation, or may write to the customer",
    "account": "News about the Page or account: its posts, its shop, how it is rated",
}
EVENTS = {
    "pass_thread_control": "control",
    "take_thread_control": "control",
    "request_thread_control": "control",
    "app_roles": "control",
    "account_linking": "control",
    "optin": "control",
}
FIELDS = {
    "messaging_handover": "control",
    "messaging_policy_enforcement": "account",
    "message_echoes": "echo",
    "inbox_labels": "account",
    "send_cart": "account",
    "story_insights": "account",
}
PUBLIC = frozenset({"comments", "live_comments", "feed", "mention", "mentions", "ratings", "conversations"})
"""Words under posts, which Leadline cannot answer: nothing is subscribed to them, and whatever comes is parked."""

"""What WhatsApp's webhooks hold that is no message. Both adapters that speak Meta's JSON declare it."""

from __future__ import annotations

from leadline.channels.base import STATE_NOISE

NOISE = {
    **STATE_NOISE,
    "echo": "What the business wrote in the phone app, unless `show_echoes` is on; its history and contacts",
    "account": "News about the account, its numbers, templates, flows and groups",
    "call": "A call that began, or one that the business made",
    "preference": "A wish about calls, or about another category than messages",
    "opened": "Somebody opened the chat for the first time and has written nothing yet",
}

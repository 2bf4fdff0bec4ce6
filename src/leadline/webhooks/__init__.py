"""Other systems are told what happened, by webhooks signed as Standard Webhooks say. The worker sends them."""

from leadline.webhooks.events import EVENTS, Event
from leadline.webhooks.sending import Sender, send, trial
from leadline.webhooks.subscriptions import NewWebhook, Webhook, Webhooks

__all__ = ["EVENTS", "Event", "NewWebhook", "Sender", "Webhook", "Webhooks", "send", "trial"]

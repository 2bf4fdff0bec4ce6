"""Which other systems are told what happens, and what became of each event."""

from leadline.console.language import marked
from leadline.console.shell.page import Page
from leadline.console.webhooks import listing, one

WEBHOOKS = Page("/webhooks", marked("Webhooks"), "webhooks", listing.draw, menu=marked("Webhooks"), keys="g h")
WEBHOOK = Page("/webhooks/{number}", marked("Webhook"), "webhooks", one.draw)

__all__ = ["WEBHOOK", "WEBHOOKS"]

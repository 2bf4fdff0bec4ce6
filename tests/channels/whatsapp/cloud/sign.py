"""Meta signs the webhooks of WhatsApp as it signs those of Messenger."""

from tests.channels.graph.messenger.sign import sign

__all__ = ["sign"]

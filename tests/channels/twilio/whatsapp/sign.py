"""Twilio signs the webhooks of WhatsApp as it signs those of SMS."""

from tests.channels.twilio.sms.sign import sign

__all__ = ["sign"]

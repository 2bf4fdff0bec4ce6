"""Leadline puts every SMS, WhatsApp or chat message on the right Intercom contact, and says why."""

__version__ = "0.2.0"

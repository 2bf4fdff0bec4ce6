"""Corrections on a real database: what a detach, an attach and their undo leave behind."""

from __future__ import annotations

from leadline.links import Person
from leadline.model import Role

PHONE, ACCOUNT = "tel:+353888888999", "whatsapp:w/US.1"
LEAD = Person(contact_id="lead", role=Role.LEAD)

"""The nouns of Leadline, as immutable values. Everything imports these; they import nothing of Leadline but errors."""

from leadline.model.contacts import Candidate, Decision, Reason, Role
from leadline.model.handles import Handle, Struct
from leadline.model.inbound import Ad, Attachment, Consent, Forwarded, Inbound, Move, Piece, Product, Profile, Quote
from leadline.model.outbound import DeliveryState, Mark, Outbound, Sent, StatusUpdate, Template, TemplateUse

__all__ = [
    "Ad",
    "Attachment",
    "Candidate",
    "Consent",
    "Decision",
    "DeliveryState",
    "Forwarded",
    "Handle",
    "Inbound",
    "Mark",
    "Move",
    "Outbound",
    "Piece",
    "Product",
    "Profile",
    "Quote",
    "Reason",
    "Role",
    "Sent",
    "StatusUpdate",
    "Struct",
    "Template",
    "TemplateUse",
]

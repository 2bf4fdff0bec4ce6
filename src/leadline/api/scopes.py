"""What a key of the API may be allowed: the one table. Every endpoint names a scope of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Scope = Literal["send", "read", "contacts", "merge", "consents"]
SCOPES: Mapping[Scope, str] = {
    "send": "send texts and templates to customers",
    "read": "read messages, their states, and the channels",
    "contacts": "ask which contact an address belongs to, and which addresses a contact has",
    "merge": "preview merges, make them and undo them",
    "consents": "read and set who takes messages",
}

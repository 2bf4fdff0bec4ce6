"""What a browser or a link carries for us and must neither read nor change: a sealed value, as text for an address.

Installing a workspace and signing in by a provider hand such tickets out.
"""

from __future__ import annotations

import base64
import binascii
from typing import TypeVar

import msgspec

from leadline.errors import SettingError
from leadline.model import Struct
from leadline.store.vault import Vault

One = TypeVar("One", bound=Struct)


def ticket(vault: Vault, value: Struct, *place: object) -> str:
    """For one place: what is made for another one does not open there."""
    return base64.urlsafe_b64encode(vault.seal(msgspec.json.encode(value), *place)).decode().rstrip("=")


def redeem(vault: Vault, text: str, kind: type[One], *place: object) -> One | None:
    """What a ticket says; None for what is none of this installation and place."""
    try:
        sealed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        return msgspec.json.decode(vault.open(sealed, *place), type=kind)
    except (SettingError, binascii.Error, ValueError):
        return None

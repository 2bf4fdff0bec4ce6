"""What must not stand in the database in clear, encrypted with LEADLINE_SECRET_KEY: credentials, merge journals."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Sequence
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from leadline.errors import SettingError

VERSION = b"LL1"
KEY_ID = 4  # bytes; tells which key sealed, so that a new one can take over while the former still opens
NONCE = 12
LOST = (
    "LEADLINE_SECRET_KEY is not the one this was encrypted with. Put the former key back, or give it as "
    "LEADLINE_SECRET_KEY_FORMER; if it is lost, remove and add the channels again."
)


class Vault:
    """Seals bytes for one place: workspace, table, column, row. In another place, or changed, they do not open.

    former: secrets that sealed before the present one. They still open, and seal nothing any more.
    """

    def __init__(self, secret_key: str, former: Sequence[str] = ()) -> None:
        self._secrets = (secret_key, *former)
        self._keys = {_derived(secret, "key id")[:KEY_ID]: secret for secret in reversed(self._secrets)}
        self._id = _derived(secret_key, "key id")[:KEY_ID]
        self.name = self._id.hex()
        """Of the present key; it tells nothing of the key, and stands in everything it sealed."""

    def seal(self, clear: bytes, *place: object) -> bytes:
        """With AES-256-GCM; the place is authenticated along."""
        nonce = os.urandom(NONCE)
        box = AESGCM(_derived(self._secrets[0], "vault"))
        return VERSION + self._id + nonce + box.encrypt(nonce, clear, _bound(place))

    def open(self, sealed: bytes, *place: object) -> bytes:
        """Raises SettingError for another key, another place or changed bytes."""
        sealed = bytes(sealed)
        key_id, rest = sealed[len(VERSION) : len(VERSION) + KEY_ID], sealed[len(VERSION) + KEY_ID :]
        secret = self._keys.get(key_id)
        if not sealed.startswith(VERSION) or secret is None:
            raise SettingError(LOST)
        try:
            return AESGCM(_derived(secret, "vault")).decrypt(rest[:NONCE], rest[NONCE:], _bound(place))
        except InvalidTag as error:
            raise SettingError(
                f"What is stored as {'/'.join(map(str, place))} was not written there by Leadline: "
                "somebody changed the database. Restore a backup, or remove and add the channels again."
            ) from error

    def is_current(self, sealed: bytes) -> bool:
        """Whether the present key sealed it."""
        return bytes(sealed).startswith(VERSION + self._id)

    def open_unbound(self, sealed: bytes, purpose: str) -> bytes:
        """What versions before 0.1 sealed, without a place. Only `resealing.py` may: once, to bind it."""
        for secret in self._secrets:
            try:
                key = HKDF(SHA256(), length=32, salt=None, info=f"leadline {purpose}".encode()).derive(secret.encode())
                return Fernet(base64.urlsafe_b64encode(key)).decrypt(bytes(sealed))
            except InvalidToken:
                continue
        raise SettingError(LOST)

    def mark(self, text: str) -> str:
        """By which a text is found again without being stored: a keyed hash."""
        return self.marks(text)[0]

    def marks(self, text: str) -> list[str]:
        """The marks of a text under the present key and the former ones."""
        return [hmac.digest(_derived(secret, "marks"), text.encode(), "sha256").hex() for secret in self._secrets]


@lru_cache(maxsize=64)
def _derived(secret: str, purpose: str) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=f"leadline {purpose} 1".encode()).derive(secret.encode())


def _bound(place: Sequence[object]) -> bytes:
    """Each part with its length, so that two places are never the same bytes."""
    parts = [str(part).encode() for part in place]
    return hashlib.sha256(b"".join(len(part).to_bytes(4) + part for part in parts)).digest()

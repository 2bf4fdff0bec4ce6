"""What must not stand in the database in clear, encrypted with LEADLINE_SECRET_KEY: credentials, merge journals."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from leadline.errors import SettingError


class Vault:
    """Seals and opens bytes with a key derived from the secret; wrong key or changed bytes raise SettingError."""

    def __init__(self, secret_key: str, purpose: str = "channel settings") -> None:
        info = f"leadline {purpose}".encode()
        derived = HKDF(SHA256(), length=32, salt=None, info=info).derive(secret_key.encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(derived))

    def seal(self, clear: bytes) -> bytes:
        return self._fernet.encrypt(clear)

    def open(self, sealed: bytes) -> bytes:
        try:
            return self._fernet.decrypt(bytes(sealed))
        except InvalidToken as error:
            raise SettingError(
                "LEADLINE_SECRET_KEY is not the one the channels' credentials were encrypted with. "
                "Put the former key back, or remove and add the channels again."
            ) from error

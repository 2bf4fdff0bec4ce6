"""WeChat's signatures, its encryption, and its XML read without entities. Used by `adapter.py` and its stand-in.

Source: message encryption and decryption pages of WeChat's Official Accounts, November 2026.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from functools import lru_cache
from xml.parsers import expat

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from leadline.errors import Unreadable

BLOCK = 32  # bytes; the padding is to this size, twice that of the cipher
NONCE = 16


def sealed_by(*parts: str) -> str:
    """SHA-1 of the sorted parts: of token, time and nonce, and of the encrypted text where there is one."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def key_of(encoding_aes_key: str) -> bytes:
    """The 32 bytes of the 43 characters shown in WeChat's console; raises ValueError."""
    try:
        key = base64.b64decode(encoding_aes_key + "=", validate=True)
    except binascii.Error as error:
        raise ValueError("encoding_aes_key is no base64 text") from error
    if len(key) != BLOCK:
        raise ValueError("encoding_aes_key needs 43 characters, as WeChat's console shows it")
    return key


def encrypted(text: bytes, key: bytes, app_id: str, nonce: bytes) -> str:
    """As WeChat sends it: 16 random bytes, the length, the text and the app id, in AES-256-CBC."""
    whole = nonce + len(text).to_bytes(4) + text + app_id.encode()
    padding = BLOCK - len(whole) % BLOCK
    cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(cipher.update(whole + bytes([padding]) * padding) + cipher.finalize()).decode()


def decrypted(text: str, key: bytes, app_id: str) -> bytes:
    """The text inside; raises Unreadable where it is none, or was made for another app."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unreadable("The encrypted message is no base64 text") from error
    if not raw or len(raw) % 16:
        raise Unreadable("The encrypted message is cut off")
    cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    whole = cipher.update(raw) + cipher.finalize()
    whole = whole[: -whole[-1]] if 1 <= whole[-1] <= BLOCK else b""
    start = NONCE + 4
    end = start + int.from_bytes(whole[NONCE:start])
    if len(whole) < start or whole[end:] != app_id.encode():
        raise Unreadable("The encrypted message cannot be opened: check encoding_aes_key and app_id")
    return whole[start:end]


@lru_cache(maxsize=8)
def fields(body: bytes) -> dict[str, str]:
    """The elements right below the root, with their text; raises Unreadable, also for any document type.

    Without a document type there are no entities, so none can grow or fetch anything. Last few kept: verify and parse
    both ask.
    """
    reader = _Reader()
    # The encoding is fixed: what the document says about it is not believed.
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = reader.document_type
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.words
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise Unreadable(f"The body is no XML: {error}") from error
    return reader.found


class _Reader:
    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        self._path: list[str] = []
        self._text: list[str] = []

    def document_type(self, *args: object) -> None:
        raise Unreadable("The XML has a document type, which WeChat never sends")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name)
        if len(self._path) == 2:
            self._text = []

    def end(self, name: str) -> None:
        if len(self._path) == 2:
            self.found.setdefault(name, "".join(self._text))
        self._path.pop()

    def words(self, text: str) -> None:
        if len(self._path) == 2:
            self._text.append(text)

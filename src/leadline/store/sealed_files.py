"""Files that open only with a passphrase: AES-256-GCM in chunks under a key from scrypt. For backups.

A chunk that was changed, moved, or cut off from the end does not open: each has its number in its nonce, and the last
one says that it is the last (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from leadline.errors import SettingError

MAGIC = b"LEADLINE-SEALED-1\n"
SALT, PREFIX = 16, 7  # bytes
CHUNK = 1 << 20  # bytes
TAG = 16  # bytes
COST = {"n": 1 << 17, "r": 8, "p": 1}  # RFC 7914: 128 MiB and about half a second for each passphrase that is tried


def is_sealed(file: BinaryIO) -> bool:
    """Whether a file, read from its beginning, is one of these; it is at its beginning again afterwards."""
    found = file.read(len(MAGIC))
    file.seek(0)
    return found == MAGIC


def seal(chunks: Iterable[bytes], passphrase: str) -> Iterator[bytes]:
    """The sealed file, piece by piece."""
    header = MAGIC + os.urandom(SALT + PREFIX)
    box, prefix = _box(header, passphrase), header[-PREFIX:]
    yield header
    held, number = None, 0
    for piece in _cut(chunks):
        if held is not None:
            yield box.encrypt(_nonce(prefix, number), held, header)
            number += 1
        held = piece
    yield box.encrypt(_nonce(prefix, number, last=True), held or b"", header)


def unseal(file: BinaryIO, passphrase: str) -> Iterator[bytes]:
    """What was sealed, piece by piece; raises SettingError for another passphrase, and for a changed or cut file."""
    header = file.read(len(MAGIC) + SALT + PREFIX)
    box, prefix, number = _box(header, passphrase), header[-PREFIX:], 0
    piece = file.read(CHUNK + TAG)
    while piece:
        following = file.read(CHUNK + TAG)
        try:
            yield box.decrypt(_nonce(prefix, number, last=not following), piece, header)
        except InvalidTag:
            why = "It does not open with this passphrase" if number == 0 else "It was changed, or its end is missing"
            raise SettingError(f"{why}. Nothing of it was used.") from None
        piece, number = following, number + 1
    if number == 0:
        raise SettingError("The file ends before its content begins.")


def _cut(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of CHUNK, the last one shorter."""
    held = bytearray()
    for chunk in chain(chunks, ()):
        held += chunk
        while len(held) >= CHUNK:
            yield bytes(held[:CHUNK])
            del held[:CHUNK]
    if held:
        yield bytes(held)


def _box(header: bytes, passphrase: str) -> AESGCM:
    salt = header[len(MAGIC) : len(MAGIC) + SALT]
    return AESGCM(Scrypt(salt=salt, length=32, **COST).derive(passphrase.encode()))


def _nonce(prefix: bytes, number: int, *, last: bool = False) -> bytes:
    return prefix + number.to_bytes(4) + bytes([last])

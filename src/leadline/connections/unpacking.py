"""Answers that come packed, unpacked as far as a limit allows. `media.py` reads files through it."""

from __future__ import annotations

import zlib

PACKED = {"gzip", "x-gzip", "deflate"}
UNPACKED = {"", "identity"}


class TooLarge(Exception):
    """More came out than may."""


class Unpacking:
    """Takes chunks as they come and keeps what comes out; a bomb goes off at the limit and no later."""

    def __init__(self, encoding: str, limit: int) -> None:
        """encoding: the Content-Encoding; raises ValueError for one that cannot be read."""
        if encoding not in PACKED | UNPACKED:
            raise ValueError(f"packed as {encoding}")
        self._limit = limit
        self._packed = encoding in PACKED
        self._engine: zlib._Decompress | None = None
        self.body = bytearray()

    def add(self, chunk: bytes) -> None:
        """Raises TooLarge, zlib.error."""
        if not self._packed:
            self._keep(chunk)
            return
        if self._engine is None:
            # Deflate comes with the head of zlib, as the standard says, or without, as some servers do.
            raw = chunk[:2] != b"\x1f\x8b" and chunk[:1] != b"\x78"
            self._engine = zlib.decompressobj(-zlib.MAX_WBITS if raw else zlib.MAX_WBITS | 32)
        self._keep(self._engine.decompress(chunk, self._limit + 1 - len(self.body)))

    def _keep(self, out: bytes) -> None:
        self.body += out
        if len(self.body) > self._limit:
            raise TooLarge

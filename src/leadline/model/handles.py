"""A customer's address, and how all nouns are made. Everything imports these, they import only the errors."""

from __future__ import annotations

from typing import Self

import msgspec

from leadline.errors import BadHandle


class Struct(msgspec.Struct, frozen=True, omit_defaults=True):
    """Base of all values: immutable, hashable, encoded without defaults."""


class Handle(Struct, frozen=True):
    """One address of a customer, written `scheme:scope/value`, or `scheme:value` where the scheme has no scope.

    `tel:+353888888999`, `whatsapp:<business>/US.1349`, `telegram:<bot>/77`, `sender:<channel>/AMAZON`.
    """

    scheme: str
    value: str
    scope: str = ""

    def __str__(self) -> str:
        return f"{self.scheme}:{self.scope}/{self.value}" if self.scope else f"{self.scheme}:{self.value}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a handle back from its written form; raises BadHandle."""
        scheme, colon, rest = text.partition(":")
        scope, slash, value = rest.partition("/") if scheme != "tel" else ("", "", rest)
        handle = cls(scheme, value, scope) if slash else cls(scheme, rest)
        if not (colon and scheme and handle.value):
            raise BadHandle(
                f"'{text}' is neither a phone number nor a sender's address. Write a phone with its country code, like "
                "+353888888999, or an address as `leadline link list` shows it."
            )
        return handle

    @property
    def is_phone(self) -> bool:
        return self.scheme == "tel"

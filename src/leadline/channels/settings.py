"""The settings of one channel, as types: what is secret, what may be shown, and what a value must look like.

Each provider subclasses `Settings`; forms, the vault and the reference read the types.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, ClassVar, get_args, get_type_hints

import msgspec

from leadline.model import Struct


def secret(description: str) -> msgspec.Meta:
    """Meta of a credential: asked for without echo, encrypted at rest, redacted from logs."""
    return msgspec.Meta(description=description, extra={"secret": True})


def own(description: str) -> msgspec.Meta:
    """Meta of a credential that the operator makes up: it must not be easy to guess."""
    return msgspec.Meta(description=description, extra={"secret": True, "own": True})


def plain(description: str) -> msgspec.Meta:
    """Meta of a setting that may be shown."""
    return msgspec.Meta(description=description, extra={"secret": False})


MarkRead = Annotated[bool, plain("Customers see their messages as read once a teammate has replied")]
ShowEchoes = Annotated[
    bool, plain("What your people write in the provider's own app is shown in the conversation, as a note")
]


class Settings(Struct, frozen=True, kw_only=True):
    """Settings of one channel. Each provider adds its credentials; `api_url` can point at a local server.

    shapes: what a setting must look like, as a pattern, and the same in words, for a person who typed something else.
    either: settings of which one must be given, for each choice.
    """

    shapes: ClassVar[Mapping[str, tuple[str, str]]] = {}
    either: ClassVar[tuple[tuple[str, ...], ...]] = ()

    api_url: Annotated[str, plain("Base address of the provider's API")] = ""
    allow_from: Annotated[
        str, plain("Networks webhooks may come from, commas between, such as 203.0.113.0/24; empty: any")
    ] = ""


def secret_names(settings: Settings) -> tuple[str, ...]:
    """Names of the credentials among the settings of a channel."""
    return _secret_names(type(settings))


@lru_cache
def _secret_names(kind: type[Settings]) -> tuple[str, ...]:
    hints = get_type_hints(kind, include_extras=True)
    metas = {
        name: [meta for meta in get_args(hint)[1:] if isinstance(meta, msgspec.Meta)] for name, hint in hints.items()
    }
    return tuple(name for name, found in metas.items() if any((meta.extra or {}).get("secret") for meta in found))

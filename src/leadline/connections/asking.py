"""Asks an address that an operator named for a JSON object. Signing in by a provider does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from leadline.connections.addresses import host_of
from leadline.connections.posting import OK, NotPosted, calling
from leadline.errors import LeadlineError
from leadline.model import Struct

LARGEST = 512 * 1024  # bytes of an answer


class NotAnswered(LeadlineError):
    """There is no answer that can be read; the text says why, such as "it answered 502"."""


class Reply(Struct, frozen=True, kw_only=True):
    """What came back, also with a status that is no success."""

    status: int
    content: dict[str, Any]

    @property
    def is_good(self) -> bool:
        return self.status in OK


async def ask(
    url: str,
    *,
    allowed: frozenset[str],
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """Get it, or post a form to it; raises NotAnswered. allowed: private hosts that may be called, also without TLS."""
    if not goes_out(url, allowed):
        raise NotAnswered("its address does not begin with https://")
    asked = {"Accept": "application/json", "Accept-Encoding": "identity", **(headers or {})}
    try:
        method = "GET" if form is None else "POST"
        async with calling(method, url, allowed=allowed, data=form, headers=asked) as answer:
            body = bytearray()
            async for chunk in answer.content.iter_chunked(65_536):
                body += chunk
                if len(body) > LARGEST:
                    raise NotAnswered("its answer is too long")
    except NotPosted as error:
        raise NotAnswered(str(error)) from error
    try:
        return Reply(status=answer.status, content=msgspec.json.decode(body, type=dict[str, Any]))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise NotAnswered(f"it answered {answer.status}, and not with JSON") from error


def goes_out(url: str, allowed: frozenset[str]) -> bool:
    """Whether an address is one of https, or of a host that the operator allows without."""
    return bool(host_of(url)) and (urlsplit(url).scheme == "https" or host_of(url) in allowed)

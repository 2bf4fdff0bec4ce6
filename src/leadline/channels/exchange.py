"""What goes between a provider and Leadline, as values: webhooks and their answers, calls and their responses.

Adapters read and make them; the door and `connections/provider_calls.py` carry them over the wire.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import TypeVar

import msgspec

from leadline.model import Attachment, Consent, Inbound, Move, StatusUpdate, Struct


class Request(Struct, frozen=True, kw_only=True):
    """A webhook as it came. `url` is the public address the provider called, with query; header names lower-case.

    now: unix seconds of arrival, so that signatures with a time can be judged without a clock.
    client: the sender's IP address; a proxy's word is taken where the proxy is trusted.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    now: float
    client: str = ""


class Answer(Struct, frozen=True, kw_only=True):
    """What the provider is told. The default is what most providers take for success."""

    status: int = 200
    body: str = ""
    content_type: str = "text/plain; charset=utf-8"


class Call(Struct, frozen=True, kw_only=True):
    """One HTTP request to a provider's API, as a value. `secrets` are headers that only the first host may see.

    harmless: nothing reaches the customer by it, however often it is made (a token, an upload, a look-up).
    """

    method: str
    url: str
    headers: Mapping[str, str] = {}
    secrets: Mapping[str, str] = {}
    body: bytes = b""
    harmless: bool = False


class Response(Struct, frozen=True, kw_only=True):
    """A provider's answer to a Call. Status 0: no answer, and the request may have been taken."""

    status: int
    headers: Mapping[str, str] = {}
    body: bytes = b""


R = TypeVar("R")
Steps = Generator[Call | Attachment, Response, R]
"""Several requests in a row, as a generator: it yields a Call and is sent the Response, yields an Attachment that a
teammate sent and is sent a Response with its content (status 200, else it could not be had), and returns its result."""


class Parsed(Struct, frozen=True, kw_only=True):
    """Everything one webhook held. There is no third way between shown and left alone on purpose.

    echoes: what the business itself wrote, in the provider's own app; sender and handles are the customer's, `author`
    says where it was written.
    noise: what was understood and left alone, as codes that the channel declares in `Channel.noise`.
    unread: what could not be read, or must not be guessed; each is parked with these words.
    """

    messages: tuple[Inbound, ...] = ()
    statuses: tuple[StatusUpdate, ...] = ()
    consents: tuple[Consent, ...] = ()
    moves: tuple[Move, ...] = ()
    echoes: tuple[Inbound, ...] = ()
    noise: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def without_echoes(parsed: Parsed) -> Parsed:
    """The same for a channel that is not to show what the business wrote elsewhere: that is noise then."""
    if not parsed.echoes:
        return parsed
    return msgspec.structs.replace(parsed, echoes=(), noise=tuple(dict.fromkeys((*parsed.noise, "echo"))))

"""What follows from a sender's addresses alone: the lane of a message and the external id of a lead."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import msgspec

from leadline.identity.phone import canonical
from leadline.identity.variants import line_key, lines
from leadline.model import Handle

LONGEST_ID = 255
"""Characters Intercom takes in a string attribute (Intercom help, custom attributes, read 2026-11-24)."""


def name(handle: Handle) -> str:
    """The handle as links and lanes know it: the same for all spellings and numbers that surely are one phone line."""
    if not handle.is_phone:
        return str(handle)
    number = canonical(handle.value)
    return f"tel:{line_key(number) if number else handle.value}"


def names(handles: Sequence[Handle]) -> tuple[str, ...]:
    """The names of these handles, each once."""
    return tuple(dict.fromkeys(map(name, handles)))


def lane(handles: Sequence[Handle], *, whatsapp: bool = False) -> str:
    """The lane of a message: its phone line, the same across channels and spellings, else its first address.

    whatsapp: the phones are WhatsApp's, whose accounts keep the form they were opened with; all forms have one lane.
    Raises ValueError when there are no handles: a message without a sender has no order to keep.
    """
    if not handles:
        raise ValueError("a message needs at least one handle to have a lane")
    first = next((handle for handle in handles if handle.is_phone), handles[0])
    # Where a plan grew, the longest form is the current one; where it only changed, the highest.
    known = [(len(number), number) for number in _lines(first, whatsapp)]
    return f"tel:{line_key(max(known)[1])}" if known else name(first)


def forms(handles: Sequence[Handle], *, whatsapp: bool = False) -> dict[str, Handle]:
    """The names of the other written forms of these phones, each with its handle; none that is a handle itself."""
    own = set(names(handles))
    found = {f"tel:{line_key(number)}": handle for handle in handles for number in _lines(handle, whatsapp)}
    return {form: handle for form, handle in found.items() if form not in own}


def _lines(handle: Handle, whatsapp: bool) -> tuple[str, ...]:
    number = canonical(handle.value) if handle.is_phone else None
    return lines(number, whatsapp=whatsapp) if number else ()


def external_id(handle: Handle, attempt: int = 0) -> str:
    """The external id of the lead made for this address: always the same, so that a repeated create meets itself.

    attempt: how many leads of this address people have called somebody else's; each wrong one needs a new id.
    """
    prefix = f"leadline#{attempt}:" if attempt else "leadline:"
    text = name(handle)
    if len(prefix + text) > LONGEST_ID:
        text = f"{handle.scheme[:64]}:sha256/{sha256(text.encode()).hexdigest()}"
    return prefix + text


def scoped(handles: Sequence[Handle], scope: str) -> tuple[Handle, ...]:
    """The handles with `scope` (a channel or business account) where an address means nothing without one."""
    return tuple(
        handle if handle.is_phone or handle.scope else msgspec.structs.replace(handle, scope=scope)
        for handle in handles
    )

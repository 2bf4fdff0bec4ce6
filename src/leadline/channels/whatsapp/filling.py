"""Templates filled in, in Meta's JSON. Used by every adapter that sends WhatsApp's templates.

Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/components, template media
(May 2026) and coupon code templates (May 2026), all of the WhatsApp Cloud API.
"""

from __future__ import annotations

from posixpath import basename
from typing import Any
from urllib.parse import unquote, urlsplit

from leadline.channels.whatsapp.templates import place_in_order
from leadline.model import TemplateUse


def filled_in(use: TemplateUse, *, address: str = "link") -> dict[str, Any]:
    """A template with its values; numbered variables by their number, named ones by their names.

    address: what the provider calls the address of a header's file.
    """
    given = list(zip(use.variables, use.values, strict=False))
    inside = sorted((each for each in given if ":" not in each[0]), key=lambda each: place_in_order(each[0]))
    body = [{"type": "body", "parameters": [_text(*each) for each in inside]}] if inside else []
    outside = [_outside(name, value, address) for name, value in given if ":" in name]
    header = [component for component in outside if component["type"] == "header"]
    buttons = [component for component in outside if component["type"] == "button"]
    components = [*header, *body, *buttons]
    filled = {"name": use.name, "language": {"code": use.language, "policy": "deterministic"}}
    return filled | ({"components": components} if components else {})


def _text(name: str, value: str) -> dict[str, str]:
    return {"type": "text", "text": value} | ({} if name.isdigit() else {"parameter_name": name})


def _outside(variable: str, value: str, address: str) -> dict[str, Any]:
    """The component of one variable that stands outside the body, see `Template.variables`."""
    place, _, name = variable.partition(":")
    match place:
        case "file":
            return {"type": "header", "parameters": [{"type": name, name: _file(name, value, address)}]}
        case "link":
            return _button("url", name, {"type": "text", "text": value})
        case "code":
            return _button("copy_code", name, {"type": "coupon_code", "coupon_code": value})
    return {"type": "header", "parameters": [_text(name, value)]}


def _button(kind: str, number: str, parameter: dict[str, str]) -> dict[str, Any]:
    """Meta counts buttons from 0, as texts."""
    return {"type": "button", "sub_type": kind, "index": str(int(number) - 1), "parameters": [parameter]}


def _file(kind: str, url: str, address: str) -> dict[str, str]:
    """A document has the name that its address ends in; without one WhatsApp calls it untitled."""
    name = unquote(basename(urlsplit(url).path))
    named = {"filename": name} if kind == "document" and name and address == "link" else {}
    return {address: url, **named}

"""The templates of a WhatsApp Business Account, listed page by page. Used by WhatsApp adapters' `templates`.

Source: template pages of the WhatsApp Business Management API v23.0, November 2026; on their components
https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/components, November 2026.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple, TypeVar
from urllib.parse import quote

import msgspec

from leadline.channels.exchange import Call, Response, Steps
from leadline.channels.http import tried
from leadline.errors import ProviderTrouble
from leadline.model import Template

T = TypeVar("T")
PAGES = 100  # more than any account has: Meta allows 6,000 templates, 100 a page are asked for
VARIABLE = re.compile(r"\{\{\s*([A-Za-z0-9_]+)\s*\}\}")
ORDER = ("HEADER", "BODY", "FOOTER", "BUTTONS")
FILES = {"image": "Picture", "video": "Video", "document": "Document"}
RULED = frozenset({"OTP", "FLOW", "CATALOG", "MPM", "SPM"})  # buttons with rules of their own


class Button(msgspec.Struct):
    type: str = ""
    text: str | None = None
    url: str | None = None


class Component(msgspec.Struct):
    type: str = ""
    format: str | None = None
    text: str | None = None
    buttons: list[Button] | None = None


class Listed(msgspec.Struct):
    """One template in one language, as Meta lists it."""

    name: str
    language: str = ""
    id: str | int = ""
    status: str = ""
    category: str | None = None
    components: list[Component] | None = None


class _Cursors(msgspec.Struct):
    after: str = ""


class _Paging(msgspec.Struct):
    cursors: _Cursors = msgspec.field(default_factory=_Cursors)
    next: str | None = None


class _Page(msgspec.Struct):
    """One page of the list, as Meta names it or as Vonage does."""

    data: list[Listed] | None = None
    templates: list[Listed] | None = None
    paging: _Paging | None = None


_PAGE = msgspec.json.Decoder(_Page)


def listed_templates(url: str, secrets: Mapping[str, str]) -> Steps[tuple[Template, ...]]:
    """All pages of the list at this address, which has a query already; raises ProviderTrouble."""
    found: list[Template] = []
    after = ""
    for _ in range(PAGES):
        place = f"{url}&after={quote(after, safe='')}" if after else url
        listed, after = _read((yield Call(method="GET", url=place, secrets=secrets, harmless=True)))
        found += map(template_of, listed)
        if not (listed and after):
            return tuple(found)
    raise ProviderTrouble(f"The list of templates does not end after {PAGES} pages")


def _read(response: Response) -> tuple[list[Listed], str]:
    """The templates of one page and where the next one starts; empty on the last one."""
    page = (tried(_PAGE, response.body) if response.status == 200 else None) or _Page()
    listed = page.data if page.data is not None else page.templates
    if listed is None:
        raise no_list(response)
    paging = page.paging or _Paging()
    more = page.templates is not None or paging.next
    return listed, paging.cursors.after if more else ""


def page_of(decoder: msgspec.json.Decoder[T], response: Response) -> T:
    """A page of a provider's list of templates; raises ProviderTrouble where it is none."""
    if response.status == 200 and (page := tried(decoder, response.body)) is not None:
        return page
    raise no_list(response)


def no_list(response: Response) -> ProviderTrouble:
    """What to raise where a provider did not answer with its templates."""
    told = response.body[:200].decode("utf-8", "replace")
    return ProviderTrouble(f"The provider did not list its templates (HTTP {response.status}): {told or 'no answer'}")


def template_of(listed: Listed) -> Template:
    """One template as a value. What cannot be filled in here gets the status `unsupported`."""
    parts = [_part(component) for component in sorted(listed.components or (), key=_order)]
    asked = [name for part in parts for name in part.variables]
    status = listed.status.lower()
    unfit = status == "approved" and any(part.unfit for part in parts)
    return Template(
        name=listed.name,
        language=listed.language,
        ref=str(listed.id),
        body="\n".join(part.text for part in parts if part.text),
        variables=tuple(dict.fromkeys(asked)),
        category=(listed.category or "").lower(),
        status="unsupported" if unfit else status,
    )


class _Part(NamedTuple):
    """A component as people read it, what it asks for, and whether Leadline cannot fill it in."""

    text: str = ""
    variables: tuple[str, ...] = ()
    unfit: bool = False


def _order(component: Component) -> int:
    return ORDER.index(component.type.upper()) if component.type.upper() in ORDER else len(ORDER)


def _part(component: Component) -> _Part:
    match component.type.upper():
        case "HEADER":
            return _header(component)
        case "BODY":
            text = VARIABLE.sub(r"{{\1}}", component.text or "")
            return _Part(text, tuple(sorted(VARIABLE.findall(text), key=place_in_order)))
        case "FOOTER":
            return _Part(component.text or "")
        case "BUTTONS":
            buttons = [_button(button, at) for at, button in enumerate(component.buttons or (), 1)]
            asked = tuple(name for button in buttons for name in button.variables)
            return _Part("\n".join(button.text for button in buttons), asked, any(button.unfit for button in buttons))
    return _Part(component.text or "", unfit=True)


def _header(component: Component) -> _Part:
    kind = (component.format or "TEXT").lower()
    if kind in FILES:
        return _Part(f"[{FILES[kind]}: {{{{file:{kind}}}}}]", (f"file:{kind}",))
    names = tuple(f"header:{name}" for name in VARIABLE.findall(component.text or ""))
    return _Part(VARIABLE.sub(r"{{header:\1}}", component.text or ""), names, unfit=kind != "text")


def _button(button: Button, at: int) -> _Part:
    """A button whose address ends in a variable, or that copies a code, asks for it; `at` counts from 1."""
    kind = button.type.upper()
    if kind == "COPY_CODE":
        return _Part(f"[{button.text or 'Copy code'}: {{{{code:{at}}}}}]", (f"code:{at}",))
    url = VARIABLE.sub(f"{{{{link:{at}}}}}", button.url or "")
    asked = (f"link:{at}",) if url != (button.url or "") else ()
    shown = ": ".join(filter(None, (button.text, url)))
    return _Part(f"[{shown}]" if shown else "", asked, kind in RULED)


def place_in_order(name: str) -> tuple[int, str]:
    """Numbers in their order, then names as they come."""
    return (int(name), "") if name.isascii() and name.isdigit() and len(name) < 9 else (10**9, "")

"""The templates of a WhatsApp Business Account, listed page by page. Used by WhatsApp adapters' `templates`.

Source: template pages of the WhatsApp Business Management API v23.0, November 2026.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

import msgspec

from leadline.channels.base import Call, Response, Steps
from leadline.channels.http import tried
from leadline.errors import ProviderTrouble
from leadline.model import Template

PAGES = 100  # more than any account has: Meta allows 6,000 templates, 100 a page are asked for
_VARIABLE = re.compile(r"\{\{\s*([A-Za-z0-9_]+)\s*\}\}")


class Button(msgspec.Struct):
    type: str = ""
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


def no_list(response: Response) -> ProviderTrouble:
    """What to raise where a provider did not answer with its templates."""
    told = response.body[:200].decode("utf-8", "replace")
    return ProviderTrouble(f"The provider did not list its templates (HTTP {response.status}): {told or 'no answer'}")


def template_of(listed: Listed) -> Template:
    """One template as a value. What needs more than values in its body gets the status `unsupported`."""
    components = {component.type.upper(): component for component in listed.components or ()}
    body = components.get("BODY", Component()).text or ""
    header, footer = components.get("HEADER", Component()), components.get("FOOTER", Component())
    status = listed.status.lower()
    return Template(
        name=listed.name,
        language=listed.language,
        ref=str(listed.id),
        body="\n".join(filter(None, (header.text, _VARIABLE.sub(r"{{\1}}", body), footer.text))),
        variables=tuple(dict.fromkeys(_VARIABLE.findall(body))),
        category=(listed.category or "").lower(),
        status="unsupported" if status == "approved" and _needs_more(components) else status,
    )


def _needs_more(components: dict[str, Component]) -> bool:
    """Whether a file, a value in the header or in a button is wanted, or the kind has rules of its own."""
    header, buttons = components.get("HEADER", Component()), components.get("BUTTONS", Component()).buttons or []
    return (
        (header.format or "TEXT").upper() != "TEXT"
        or bool(_VARIABLE.search(header.text or ""))
        or any(_VARIABLE.search(button.url or "") for button in buttons)
        or any(button.type.upper() in ("OTP", "COPY_CODE", "FLOW", "CATALOG", "MPM", "SPM") for button in buttons)
        or not components.keys() <= {"HEADER", "BODY", "FOOTER", "BUTTONS"}
    )

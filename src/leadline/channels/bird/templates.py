"""WhatsApp templates of a Bird workspace: listed with their content, filled in for a send. Used by `adapter.py`.

Source: template types of Bird's Python SDK 0.106.0, November 2026. Its content is in a version.
"""

from __future__ import annotations

from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from leadline.channels.exchange import Call, Steps
from leadline.channels.http import tried
from leadline.channels.whatsapp.templates import Component, Listed, no_list, template_of
from leadline.model import Template, TemplateUse

PAGE = 100
T = TypeVar("T")


class _State(msgspec.Struct):
    status: str | None = None


class _Item(msgspec.Struct):
    id: str
    slug: str
    category: str | None = None
    languages: dict[str, _State] = {}
    live_version_id: str | None = None
    pending_version_id: str | None = None


class _Page(msgspec.Struct):
    data: list[_Item]
    next_cursor: str | None = None


class _Content(msgspec.Struct):
    components: list[Component] = []


class _Version(msgspec.Struct):
    languages: dict[str, _Content] = {}


def listed(base: str, secrets: dict[str, str], business: str) -> Steps[tuple[Template, ...]]:
    """All templates in all languages; `ref` is Bird's id. Raises ProviderTrouble where an answer is no list.

    business: the WhatsApp Business Account they must belong to; empty: all of the workspace.
    """
    found: list[Template] = []
    wanted = {"limit": str(PAGE)} | ({"waba": business} if business else {})
    while True:
        page = yield from _asked(f"{base}/v1/whatsapp/templates?{urlencode(wanted)}", secrets, _Page)
        for item in page.data:
            version = item.live_version_id or item.pending_version_id or ""
            contents = (yield from _contents(base, secrets, item.id, version)) if version else {}
            found += [_template(item, language, contents.get(language, _Content())) for language in item.languages]
        if not page.next_cursor:
            return tuple(found)
        wanted["starting_after"] = page.next_cursor


def filled_in(use: TemplateUse) -> dict[str, Any]:
    """A template with its values; numbered variables by their order, named ones by their names."""
    parameters = [
        {"type": "text", "text": value} | ({} if name.isdigit() else {"name": name})
        for name, value in zip(use.variables, use.values, strict=False)
    ]
    filled: dict[str, Any] = {"id": use.ref} if use.ref else {"slug": use.name}
    filled |= {"language": use.language} if use.language else {}
    return filled | ({"components": [{"type": "body", "parameters": parameters}]} if parameters else {})


def _contents(base: str, secrets: dict[str, str], template: str, version: str) -> Steps[dict[str, _Content]]:
    path = f"/v1/whatsapp/templates/{quote(template, safe='')}/versions/{quote(version, safe='')}"
    return (yield from _asked(f"{base}{path}", secrets, _Version)).languages


def _asked(url: str, secrets: dict[str, str], type_: type[T]) -> Steps[T]:
    response = yield Call(method="GET", url=url, headers={"user-agent": "Leadline"}, secrets=secrets, harmless=True)
    if response.status == 200 and (answer := tried(msgspec.json.Decoder(type_), response.body)) is not None:
        return answer
    raise no_list(response)


def _template(item: _Item, language: str, content: _Content) -> Template:
    """Bird's description does not tell how it takes what stands outside the body: such a template is `unsupported`."""
    status = item.languages[language].status or "draft"
    template = template_of(
        Listed(
            name=item.slug,
            language=language,
            id=item.id,
            status=status,
            category=item.category,
            components=content.components,
        )
    )
    outside = any(":" in name for name in template.variables)
    return msgspec.structs.replace(template, status="unsupported") if outside else template

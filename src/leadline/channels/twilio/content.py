"""Templates of Twilio's Content API: listed for `templates`, filled in for a send. Used by the Twilio WhatsApp adapter.

Source: Twilio's OpenAPI description of the Content API v1 and its page on content templates, November 2026.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from leadline.channels.base import Steps
from leadline.channels.twilio.account import TwilioSettings, asked
from leadline.errors import ProviderTrouble
from leadline.model import Template, TemplateUse

PAGE = 100  # of at most 1,000
_VARIABLE = re.compile(r"\{\{\s*([A-Za-z0-9_]+)\s*\}\}")


class _Approval(msgspec.Struct):
    status: str | None = None
    category: str | None = None
    content_type: str | None = None


class _Content(msgspec.Struct):
    sid: str
    friendly_name: str | None = None
    language: str | None = None
    variables: dict[str, Any] | None = None
    types: dict[str, Any] | None = None
    approval_requests: _Approval | None = None


class _Meta(msgspec.Struct):
    next_page_url: str | None = None


class _Page(msgspec.Struct):
    contents: list[_Content]
    meta: _Meta | None = None


_PAGE = msgspec.json.Decoder(_Page)


def content_templates(base: str, settings: TwilioSettings) -> Steps[tuple[Template, ...]]:
    """All templates at the Content API whose address is `base`; raises ProviderTrouble where the answer is no list."""
    found: list[Template] = []
    url = f"{base}/v1/ContentAndApprovals?PageSize={PAGE}"
    while url:
        page = yield from asked(url, _PAGE, settings)
        found += [_template(content) for content in page.contents]
        url = (page.meta and page.meta.next_page_url) or ""
        if url and not url.startswith(f"{base}/"):
            raise ProviderTrouble(
                f"Twilio names the next page of templates at another address than {base}: {url[:200]}"
            )
    return tuple(found)


def filled_in(use: TemplateUse) -> list[tuple[str, str]]:
    """A template with its values, as fields of a send; without its SID its name must be one."""
    variables = dict(zip(use.variables, use.values, strict=False))
    fields = [("ContentSid", use.ref or use.name)]
    return [*fields, ("ContentVariables", msgspec.json.encode(variables).decode())] if variables else fields


def _template(content: _Content) -> Template:
    approval = content.approval_requests or _Approval()
    body = _body(content.types or {}, approval.content_type or "")
    names = sorted({*(content.variables or {}), *_VARIABLE.findall(body)}, key=_place)
    return Template(
        name=content.friendly_name or content.sid,
        language=content.language or "",
        ref=content.sid,
        body=_VARIABLE.sub(r"{{\1}}", body),
        variables=tuple(names),
        category=(approval.category or "").lower(),
        status=approval.status or "unsubmitted",
    )


def _body(types: dict[str, Any], submitted: str) -> str:
    """The text of the content: of the type that WhatsApp approved, else of the first one that has a text."""
    contents = [types.get(submitted), *types.values()]
    texts = (content.get("body") or content.get("title") for content in contents if isinstance(content, dict))
    return next((text for text in texts if isinstance(text, str) and text), "")


def _place(name: str) -> tuple[int, str]:
    """Numbers in their order, then names."""
    return (int(name), "") if name.isascii() and name.isdigit() and len(name) < 9 else (10**9, name)

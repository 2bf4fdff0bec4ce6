"""Templates of Twilio's Content API: listed for `templates`, filled in for a send. Used by the Twilio WhatsApp adapter.

A variable may stand in every text, in the address of a file, behind a button and in a code; all of a content's
variables are named together. Source: Twilio's OpenAPI description of the Content API v1 and its pages
https://www.twilio.com/docs/content/whatsappcard, …/twilio-call-to-action and …/twiliocard, November 2026.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from leadline.channels.exchange import Steps
from leadline.channels.twilio.account import TwilioSettings, fetch
from leadline.channels.whatsapp.templates import VARIABLE, place_in_order
from leadline.errors import ProviderTrouble
from leadline.model import Template, TemplateUse

PAGE = 100  # of at most 1,000
TEXTS = ("header_text", "title", "subtitle", "body", "footer")
BUTTON = ("title", "item", "name", "description", "url", "phone", "code")


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
        page = yield from fetch(url, _PAGE, settings)
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
    body = VARIABLE.sub(r"{{\1}}", _body(content.types or {}, approval.content_type or ""))
    names = sorted({*(content.variables or {}), *VARIABLE.findall(body)})
    return Template(
        name=content.friendly_name or content.sid,
        language=content.language or "",
        ref=content.sid,
        body=body,
        variables=tuple(sorted(names, key=place_in_order)),
        category=(approval.category or "").lower(),
        status=approval.status or "unsubmitted",
    )


def _body(types: dict[str, Any], submitted: str) -> str:
    """What the customer sees of the type that WhatsApp approved, else of the first one that shows anything."""
    contents = [types.get(submitted), *types.values()]
    shown = ("\n".join(_lines(content)) for content in contents if isinstance(content, dict))
    return next((text for text in shown if text), "")


def _lines(content: dict[str, Any]) -> Iterator[str]:
    """The parts of a content in the order in which WhatsApp shows them: a file, texts, buttons, cards."""
    media = content.get("media")
    for url in media if isinstance(media, list) else [media]:
        if isinstance(url, str) and url:
            yield f"[File: {url}]"
    yield from (text for name in TEXTS if isinstance(text := content.get(name), str) and text)
    for name in ("actions", "items", "cards"):
        inner = content.get(name)
        for each in inner if isinstance(inner, list) else ():
            if isinstance(each, dict):
                yield from _lines(each) if name == "cards" else _button(each)


def _button(action: dict[str, Any]) -> Iterator[str]:
    told = [text for name in BUTTON if isinstance(text := action.get(name), str) and text]
    if told:
        yield f"[{': '.join(told)}]"

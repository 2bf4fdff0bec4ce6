"""Made-up templates of a WhatsApp Business Account, and what Meta checks in a message that uses one.

Source: template and error pages of the WhatsApp Cloud API v23.0, November 2026.
"""

from __future__ import annotations

import re
from typing import Any

from leadline.sandbox.providers.faults import Fault


def _listed(number: int, name: str, language: str, *components: dict[str, Any], **more: str) -> dict[str, Any]:
    listed = {"id": str(700_000_000_000_000 + number), "name": name, "language": language, "status": "APPROVED"}
    return listed | {"category": "UTILITY", "components": list(components)} | more


def _body(text: str) -> dict[str, Any]:
    return {"type": "BODY", "text": text}


TEMPLATES: list[dict[str, Any]] = [
    _listed(1, "hello_again", "en", _body("Hello {{1}}, is now a good time to talk about {{2}}?")),
    _listed(2, "hello_again", "de", _body("Hallo {{1}}, passt es gerade wegen {{2}}?")),
    _listed(
        3,
        "order_update",
        "en_US",
        {"type": "HEADER", "format": "TEXT", "text": "Your order"},
        _body("{{first_name}}, order {{order}} is on its way."),
        {"type": "FOOTER", "text": "Reply to talk to us"},
        {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Thanks"}]},
        parameter_format="NAMED",
    ),
    _listed(
        4,
        "spring_sale",
        "en",
        {"type": "HEADER", "format": "IMAGE"},
        _body("Spring, {{1}}!"),
        {"type": "FOOTER", "text": "Until Sunday"},
        {
            "type": "BUTTONS",
            "buttons": [
                {"type": "URL", "text": "Shop", "url": "https://shop.example/{{1}}"},
                {"type": "COPY_CODE", "text": "Copy code"},
            ],
        },
        category="MARKETING",
    ),
    _listed(5, "not_yet", "en", _body("Still read by Meta"), status="PENDING"),
    _listed(
        6,
        "invoice",
        "en",
        {"type": "HEADER", "format": "DOCUMENT"},
        _body("Hello {{1}}, here is your invoice."),
    ),
    _listed(
        7,
        "appointment",
        "en",
        {"type": "HEADER", "format": "TEXT", "text": "Your visit on {{1}}"},
        _body("At {{2}} in {{1}}."),
        {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Fine"}]},
    ),
    _listed(8, "sale_of_the_day", "en", {"type": "CAROUSEL"}, _body("Swipe")),
]


def template_trouble(content: dict[str, Any], *, address: str = "link") -> Fault | None:
    """What Meta would refuse in the `template` of a message. address: what the provider calls a file's address."""
    listed = _named(content)
    if listed is None:
        return Fault(status=404, code=132001, message="Template name does not exist in the translation")
    if listed["status"] != "APPROVED":
        return Fault(code=132015, message="Template is paused or not approved")
    troubles = (
        _header_trouble(listed, content, address),
        _body_trouble(listed, content),
        _button_trouble(listed, content),
    )
    return next((trouble for trouble in troubles if trouble), None)


def read_out(content: dict[str, Any], *, address: str = "link") -> tuple[str, tuple[str, ...]]:
    """The words a customer reads of a template that was taken, and the address of its file."""
    lines = [_filled(component, content) for component in (_named(content) or {"components": []})["components"]]
    header = (_given(content, "header") or [{}])[0]
    media = header.get(str(header.get("type")), {})
    return "\n".join(filter(None, lines)), (str(media[address]),) if isinstance(media, dict) and media else ()


def _filled(component: dict[str, Any], content: dict[str, Any]) -> str:
    """A component with its values; buttons are shown in brackets, with where they lead."""
    if component["type"] == "BUTTONS":
        return "\n".join(_pressed(button, at, content) for at, button in enumerate(component["buttons"]))
    text = str(component.get("text", ""))
    given = _given(content, component["type"].lower())
    for name, parameter in zip(_variables(text), given, strict=False):
        text = text.replace("{{" + str(parameter.get("parameter_name", name)) + "}}", str(parameter.get("text", "")))
    return text


def _pressed(button: dict[str, Any], at: int, content: dict[str, Any]) -> str:
    (parameter,) = _given(content, "button", at) or ({},)
    value = str(parameter.get("text") or parameter.get("coupon_code") or "")
    leads = str(button.get("url", "")).replace("{{1}}", value) or value
    return f"[{': '.join(filter(None, (button.get('text'), leads)))}]"


def _header_trouble(listed: dict[str, Any], content: dict[str, Any], address: str) -> Fault | None:
    header = next((one for one in listed["components"] if one["type"] == "HEADER"), {"format": "TEXT"})
    given, wanted = _given(content, "header"), header["format"].lower()
    if wanted == "text":
        right = [one.get("type") for one in given] == ["text"] * len(_variables(str(header.get("text", ""))))
        return (
            None if right else Fault(code=132000, message=f"header: number of parameters ({len(given)}) does not match")
        )
    kind = str(given[0].get("type", "")) if given else "unknown"
    if len(given) != 1 or kind != wanted:
        told = f"header: Format mismatch, expected {header['format']}, received {kind.upper()}"
        return Fault(code=132012, message=told)
    place = str(given[0].get(kind, {}).get(address, ""))
    return None if place.startswith("https://") else Fault(code=131053, message="Media upload error")


def _body_trouble(listed: dict[str, Any], content: dict[str, Any]) -> Fault | None:
    body = next((component["text"] for component in listed["components"] if component["type"] == "BODY"), "")
    wanted, given = _variables(body), _given(content, "body")
    if len(wanted) != len(given) or not all(parameter.get("text") for parameter in given):
        return Fault(code=132000, message=f"body: number of localizable_params ({len(given)}) does not match")
    named = {parameter.get("parameter_name") for parameter in given} - {None}
    if named != {name for name in wanted if not name.isdigit()}:
        return Fault(code=132012, message="Parameter format does not match format in the created template")
    return None


def _button_trouble(listed: dict[str, Any], content: dict[str, Any]) -> Fault | None:
    buttons = [button for one in listed["components"] if one["type"] == "BUTTONS" for button in one["buttons"]]
    for at, button in enumerate(buttons):
        kind = {"COPY_CODE": "coupon_code"}.get(button["type"], "text" if "{{1}}" in button.get("url", "") else "")
        given = [parameter.get("type") for parameter in _given(content, "button", at)]
        if given != [kind] * bool(kind):
            told = f"buttons: Button at index {at} of type {button['type'].title()} requires a parameter"
            return Fault(code=131008, message=told)
    return None


def _named(content: dict[str, Any]) -> dict[str, Any] | None:
    key = (content.get("name"), (content.get("language") or {}).get("code"))
    return next((listed for listed in TEMPLATES if (listed["name"], listed["language"]) == key), None)


def _variables(text: str) -> list[str]:
    return re.findall(r"\{\{(\w+)\}\}", text)


def _given(content: dict[str, Any], kind: str, at: int | None = None) -> list[dict[str, Any]]:
    """The parameters of a component; `at`: of the button of this index, which Meta takes as a text or a number."""
    found = [one for one in content.get("components", ()) if one.get("type") == kind]
    found = [one for one in found if at is None or str(one.get("index")) == str(at)]
    return list(found[0].get("parameters", ())) if found else []

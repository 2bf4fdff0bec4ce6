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
    _listed(4, "spring_sale", "en", {"type": "HEADER", "format": "IMAGE"}, _body("Spring!"), category="MARKETING"),
    _listed(5, "not_yet", "en", _body("Still read by Meta"), status="PENDING"),
]


def template_trouble(content: dict[str, Any]) -> Fault | None:
    """What Meta would refuse in the `template` of a message."""
    listed = _named(content)
    if listed is None:
        return Fault(status=404, code=132001, message="Template name does not exist in the translation")
    if listed["status"] != "APPROVED":
        return Fault(code=132015, message="Template is paused or not approved")
    if any(component.get("format") == "IMAGE" for component in listed["components"]):
        return Fault(code=132012, message="header: Format mismatch, expected IMAGE, received UNKNOWN")
    wanted, given = _variables(listed), _parameters(content)
    if len(wanted) != len(given):
        return Fault(code=132000, message=f"body: number of localizable_params ({len(given)}) does not match")
    named = {parameter.get("parameter_name") for parameter in given} - {None}
    if named != {name for name in wanted if not name.isdigit()}:
        return Fault(code=132012, message="Parameter format does not match format in the created template")
    return None


def read_out(content: dict[str, Any]) -> str:
    """The words a customer reads, of a template that was taken."""
    listed = _named(content) or {"components": []}
    texts = [str(component["text"]) for component in listed["components"] if component.get("text")]
    text = "\n".join(texts)
    for name, parameter in zip(_variables(listed), _parameters(content), strict=True):
        text = text.replace("{{" + str(parameter.get("parameter_name", name)) + "}}", str(parameter["text"]))
    return text


def _named(content: dict[str, Any]) -> dict[str, Any] | None:
    key = (content.get("name"), (content.get("language") or {}).get("code"))
    return next((listed for listed in TEMPLATES if (listed["name"], listed["language"]) == key), None)


def _variables(listed: dict[str, Any]) -> list[str]:
    body = next((component["text"] for component in listed["components"] if component["type"] == "BODY"), "")
    return re.findall(r"\{\{(\w+)\}\}", body)


def _parameters(content: dict[str, Any]) -> list[dict[str, Any]]:
    bodies = [component for component in content.get("components", ()) if component.get("type") == "body"]
    return list(bodies[0].get("parameters", ())) if bodies else []

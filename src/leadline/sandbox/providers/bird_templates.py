"""Made-up WhatsApp templates of a Bird workspace, as its API shows them. Used by its fake.

Source: template types of Bird's Python SDK 0.106.0, November 2026.
"""

from __future__ import annotations

from typing import Any

_BODIES = {
    "hello_again": {"en": "Hello {{1}}, we are back about {{2}}.", "de": "Hallo {{1}}, wir sind wieder da: {{2}}."},
    "order_update": {"en": "Order {{order}} is on its way."},
    "not_yet": {"en": "Soon"},
}
_STATUS = {"not_yet": "pending"}


def _template(number: int, slug: str) -> dict[str, Any]:
    status = _STATUS.get(slug, "approved")
    version = f"wav_{number}"
    live = version if status == "approved" else None
    states = {language: {"status": status} for language in _BODIES[slug]}
    return {
        "id": f"wat_{number}",
        "slug": slug,
        "name": slug.replace("_", " "),
        "category": "utility",
        "status": "active" if live else "pending",
        "default_language": "en",
        "available_languages": list(states) if live else [],
        "languages": states,
        "live_version_id": live,
        "pending_version_id": None if live else version,
    }


TEMPLATES = [_template(number, slug) for number, slug in enumerate(_BODIES, 1)]
VERSIONS = {
    f"wav_{number}": {
        "id": f"wav_{number}",
        "template_id": f"wat_{number}",
        "languages": {
            language: {"components": [{"type": "body", "text": body}, {"type": "footer", "text": "Reply any time"}]}
            for language, body in bodies.items()
        },
    }
    for number, bodies in enumerate(_BODIES.values(), 1)
}


def filled(use: dict[str, Any]) -> str:
    """What a customer reads of a template that is sent by id or slug."""
    slugs = {template["id"]: template["slug"] for template in TEMPLATES}
    text = _BODIES[slugs.get(str(use.get("id")), str(use.get("slug")))][use.get("language", "en")]
    parameters = (use.get("components") or [{}])[0].get("parameters", ())
    for number, parameter in enumerate(parameters, 1):
        text = text.replace("{{" + str(parameter.get("name") or number) + "}}", parameter["text"])
    return text

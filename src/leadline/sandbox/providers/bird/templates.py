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
MADE = "2026-11-01T09:00:00Z"


def _template_id(number: int) -> str:
    return f"wat_01krdgeqcxet5s7t44vh8rt9m{number}"


def _version_id(number: int) -> str:
    return f"wav_01krdgeqcxet5s7t44vh8rt9m{number}"


def _template(number: int, slug: str) -> dict[str, Any]:
    status = _STATUS.get(slug, "approved")
    version = _version_id(number)
    live = version if status == "approved" else None
    states = {language: {"status": status} for language in _BODIES[slug]}
    return {
        "id": _template_id(number),
        "slug": slug,
        "slug_editable": False,
        "name": slug.replace("_", " "),
        "description": None,
        "scope": "workspace",
        "category": "utility",
        "status": "active" if live else "pending",
        "default_language": "en",
        "on_missing_language": "fail",
        "language_source_required": False,
        "available_languages": list(states) if live else [],
        "languages": states,
        "draft_version_id": None,
        "live_version_id": live,
        "pending_version_id": None if live else version,
        "last_submitted_at": MADE,
        "created_at": MADE,
        "updated_at": MADE,
    }


TEMPLATES = [_template(number, slug) for number, slug in enumerate(_BODIES, 1)]
VERSIONS = {
    _version_id(number): {
        "id": _version_id(number),
        "template_id": _template_id(number),
        "submitted_at": MADE,
        "created_at": MADE,
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

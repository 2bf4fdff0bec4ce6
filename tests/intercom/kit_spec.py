"""Checks canvases and requests against Intercom's Canvas Kit schemas, when the shared folder has them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

FILE = "specs/intercom/intercom-2.11-canvaskit-schemas.yaml"
# The file names this schema without having it; fields from the Canvas Kit reference, list component (2.15).
LIST_ITEM = {
    "type": "object",
    "properties": {
        "type": {"enum": ["item"]},
        "id": {"type": "string"},
        "title": {"type": "string"},
        "subtitle": {"type": "string"},
        "tertiary_text": {"type": "string"},
        "rounded_image": {"type": "boolean"},
        "disabled": {"type": "boolean"},
        "action": {"$ref": "#/components/schemas/action_component"},
    },
    "required": ["type", "id", "title"],
}


@cache
def _schemas(file: Path) -> dict[str, Any]:
    loaded = yaml.load(file.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    schemas: dict[str, Any] = _readable(loaded["components"]["schemas"])
    schemas["list_item"] = LIST_ITEM
    # An item with an image is also one "without": its schema forbids nothing.
    items = schemas["list_component"]["properties"]["items"]["items"]
    items["anyOf"] = items.pop("oneOf")
    missing = {name for name in re.findall(r"#/components/schemas/(\w+)", str(schemas)) if name not in schemas}
    return schemas | {name: {} for name in missing}


def _readable(node: Any) -> Any:
    """`nullable` as JSON Schema says it."""
    if isinstance(node, list):
        return [_readable(each) for each in node]
    if not isinstance(node, dict):
        return node
    kept = {name: _readable(value) for name, value in node.items() if name not in {"nullable", "example", "examples"}}
    return {"anyOf": [kept, {"type": "null"}]} if node.get("nullable") is True else kept


def complaints(shared: Path, name: str, content: Any) -> list[str]:
    """How `content` deviates from the schema `name`."""
    schemas = _schemas(shared / FILE)
    schema = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas}}
    found = Draft202012Validator(schema).iter_errors(content)
    return [f"{list(error.absolute_path)}: {_cause(error)}" for error in found]


def unknown_fields(shared: Path, canvas: Any) -> list[str]:
    """Fields of components that their schema does not name; the schemas themselves let any field pass."""
    known: dict[str, set[str]] = {}
    for schema in _schemas(shared / FILE).values():
        properties = schema.get("properties", {})
        for kind in properties.get("type", {}).get("enum", []):
            known.setdefault(kind, set()).update(properties)
    components = canvas["canvas"]["content"]["components"]
    return [
        f"{component['type']}.{field}"
        for component in components
        for field in component
        if field not in known[component["type"]]
    ]


def _cause(error: Any) -> str:
    causes = [inner.message for inner in error.context or [] if "is not one of" not in inner.message]
    return "; ".join(causes[:4]) or str(error.message)

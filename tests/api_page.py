"""The API's reference page, made of its description. `tests/test_docs.py` compares it with the pages."""

from __future__ import annotations

from itertools import starmap
from typing import Any, cast

from leadline.api import Desks, Endpoint, endpoints
from leadline.api.channels import ChannelDesk
from leadline.api.consents import ConsentDesk
from leadline.api.contacts import ContactDesk
from leadline.api.description import describe
from leadline.api.endpoint import PREFIX as API_PREFIX
from leadline.api.merges import MergeDesk
from leadline.api.messages import MessageDesk
from leadline.api.scopes import SCOPES
from leadline.api.sends import SendDesk
from leadline.api.templates import TemplateDesk

API_ENDPOINTS = endpoints(
    cast("Any", Desks(ChannelDesk, MessageDesk, ContactDesk, SendDesk, MergeDesk, ConsentDesk, TemplateDesk))  # type: ignore[arg-type]
)


def api_page() -> str:
    """Every endpoint with what it takes and answers, then every type."""
    described = describe(API_ENDPOINTS)
    sections = [_endpoint(each, described["paths"][each.path][each.method.lower()]) for each in API_ENDPOINTS]
    return "\n\n".join([*sections, "## Types", *starmap(_type, sorted(described["components"]["schemas"].items()))])


def _endpoint(endpoint: Endpoint, operation: dict[str, Any]) -> str:
    lines = [f"## {operation['summary']}", "", f"`{endpoint.method} {API_PREFIX}{endpoint.path}`", ""]
    takes = f" Takes {_ref(endpoint.body)}." if endpoint.body else ""
    lines += [f"Scope: `{endpoint.scope}`.{takes} Answers {endpoint.status} with {_ref(endpoint.answer)}."]
    failing = ", ".join(status for status in operation["responses"] if int(status) >= 400)
    lines += [f"Refusals: {failing}."]
    if operation["parameters"]:
        lines += ["", "| parameter | in | required | takes | meaning |", "| --- | --- | --- | --- | --- |"]
        lines += [
            f"| `{one['name']}` | {one['in']} | {'yes' if one['required'] else 'no'} | {_takes(one['schema'])} | "
            f"{one.get('description') or one['schema'].get('description', '')} |"
            for one in operation["parameters"]
        ]
    return "\n".join(lines)


def _type(name: str, schema: dict[str, Any]) -> str:
    lines = [f"### {name}", "", schema.get("description", ""), "", "| field | required | takes | meaning |"]
    lines += ["| --- | --- | --- | --- |"]
    required = schema.get("required", ())
    lines += [
        f"| `{field}` | {'yes' if field in required else 'no'} | {_takes(one)} | {one.get('description', '')} |"
        for field, one in schema["properties"].items()
    ]
    return "\n".join(lines)


def _takes(schema: dict[str, Any]) -> str:
    """What a value may be, in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(map(_takes, schema["anyOf"]))
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if schema["type"] == "array":
        return f"list of {_takes(schema['items'])}"
    return f"{schema.get('format', schema['type'])}{_bounds(schema)}"


def _bounds(schema: dict[str, Any]) -> str:
    words = {"minimum": "from {}", "maximum": "to {}", "minLength": "at least {} long", "maxLength": "at most {} long"}
    said = [word.format(schema[name]) for name, word in words.items() if name in schema]
    return f" ({', '.join(said)})" if said else ""


def _ref(of: type) -> str:
    return f"[{of.__name__}](#{of.__name__.lower()})"


def scopes_table() -> str:
    """Every scope of an API key, and what it opens."""
    lines = ["| scope | what it lets a key do | endpoints |", "| --- | --- | --- |"]
    for scope, meaning in SCOPES.items():
        opened = ", ".join(f"`{each.method} {API_PREFIX}{each.path}`" for each in API_ENDPOINTS if each.scope == scope)
        lines.append(f"| `{scope}` | {meaning} | {opened} |")
    return "\n".join(lines)

"""The description of the API (OpenAPI 3.1), made of the table of endpoints and the types they name. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from leadline import __version__
from leadline.api.endpoint import PREFIX, Endpoint
from leadline.api.problems import TITLES, Details
from leadline.api.scopes import SCOPES

REF = "#/components/schemas/{name}"
ALWAYS = (401, 403, 422, 429, 503)
WITH_BODY = (400, 408, 413, 415)
PROBLEM = "application/problem+json"


def describe(endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    """The whole description, as what JSON is made of."""
    types = dict.fromkeys([Details, *(one for each in endpoints for one in (each.answer, each.body) if one)])
    _, schemas = msgspec.json.schema_components(types, ref_template=REF)
    paths: dict[str, dict[str, Any]] = {}
    for each in endpoints:
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Leadline", "version": __version__, "description": _about()},
        "servers": [{"url": PREFIX}],
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def _about() -> str:
    scopes = "\n".join(f"- `{name}`: {meaning}" for name, meaning in SCOPES.items())
    return f"Every request needs a key as a bearer token. A key has scopes:\n\n{scopes}"


def _operation(each: Endpoint) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": each.name,
        "summary": each.summary,
        "description": f"Needs the scope `{each.scope}`.",
        "parameters": [*_parameters(each)],
        "responses": _responses(each),
    }
    if each.body:
        operation["requestBody"] = {"required": True, "content": _content(each.body)}
    return operation


def _parameters(each: Endpoint) -> Iterator[dict[str, Any]]:
    for name in re.findall(r"\{(\w+)\}", each.path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
    if each.idempotent:
        meaning = "A name of this request of your own. The same one again is the same request."
        schema = {"type": "string", "pattern": "^[!-~]{1,200}$", "minLength": 1, "maxLength": 200}
        yield {
            "name": "Idempotency-Key", "in": "header", "required": True, "description": meaning, "schema": schema
        }  # fmt: skip
    if each.query:
        _, found = msgspec.json.schema_components([each.query], ref_template=REF)
        shape = found[each.query.__name__]
        for name, schema in shape["properties"].items():
            yield {"name": name, "in": "query", "required": name in shape.get("required", ()), "schema": schema}


def _responses(each: Endpoint) -> Mapping[str, Any]:
    fails = sorted({*ALWAYS, *each.fails, *(WITH_BODY if each.body else ())})
    return {
        str(each.status): {"description": each.summary, "content": _content(each.answer)},
        **{str(status): _problem(status) for status in fails},
    }


def _problem(status: int) -> dict[str, Any]:
    return {
        "description": TITLES[status],
        "content": {PROBLEM: {"schema": {"$ref": REF.format(name=Details.__name__)}}},
    }


def _content(of: type) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": REF.format(name=of.__name__)}}}

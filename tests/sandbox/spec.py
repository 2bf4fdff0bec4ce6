"""Checks answers against Intercom's own OpenAPI description (2.16), when the shared folder has it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

# Where the description says "never null" and its own examples, or the documented behaviour, say null.
NULL_ALTHOUGH_NOT_NULLABLE = {
    "email": "a contact without an e-mail has none; the description's type is string",
    "email_domain": "follows email",
}


class Spec:
    """The description with `nullable` turned into what JSON Schema understands."""

    def __init__(self, file: Path) -> None:
        loaded = yaml.load(file.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
        self.paths: dict[str, Any] = loaded["paths"]
        self.schemas = _nullable(loaded["components"]["schemas"])
        self.checked: set[str] = set()

    def check(self, method: str, path: str, status: int, content: Any) -> None:
        """Fail with every deviation of this answer; an answer the description does not know is let pass."""
        template = next((each for each in self.paths if _matches(each, path, self.paths)), None)
        operation = self.paths.get(template or "", {}).get(method.lower(), {})
        response = operation.get("responses", {}).get(str(status), {})
        media = response.get("content", {}).get("application/json")
        if media is None or "schema" not in media:
            return
        schema = {**_nullable(media["schema"]), "components": {"schemas": self.schemas}}
        errors = [error for error in Draft202012Validator(schema).iter_errors(content) if not _excepted(error)]
        assert not errors, f"{method} {template} {status}: {[(list(e.absolute_path), e.message) for e in errors][:5]}"
        self.checked.add(f"{method} {template} {status}")


def _matches(template: str, path: str, paths: dict[str, Any]) -> bool:
    if template != path and path in paths:
        return False
    return re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) is not None


def _excepted(error: Any) -> bool:
    """A null that is known to be answered; for a choice of schemas, one of them must fail only in such nulls."""
    if error.validator in {"anyOf", "oneOf"} and error.context:
        branches: dict[Any, list[Any]] = {}
        for inner in error.context:
            branches.setdefault(inner.schema_path[0], []).append(inner)
        return any(all(_excepted(inner) for inner in branch) for branch in branches.values())
    names = [name for name in error.absolute_path if isinstance(name, str)]
    return error.instance is None and bool(names) and names[-1] in NULL_ALTHOUGH_NOT_NULLABLE


def _nullable(node: Any) -> Any:
    if isinstance(node, list):
        return [_nullable(each) for each in node]
    if not isinstance(node, dict):
        return node
    kept = {name: _nullable(value) for name, value in node.items() if name not in {"nullable", "example", "examples"}}
    return {"anyOf": [kept, {"type": "null"}]} if node.get("nullable") is True else kept

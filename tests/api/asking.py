"""Asks every endpoint of a description at random. Only the test that does so imports it: that takes a second."""

from __future__ import annotations

from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

EXAMPLES = settings().max_examples // 6
"""For each endpoint: a few in `make test`, more in `make check`."""
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance, status_code_conformance]


def fuzzed(base: str, headers: dict[str, str]) -> dict[str, int]:
    """How many requests of each endpoint were made; raises for an answer that the description does not name."""
    schema = schemathesis.openapi.from_url(f"{base}/openapi.json")
    made: dict[str, int] = {}
    for result in schema.get_all_operations():
        operation = result.ok()  # type: ignore[union-attr]  # a description that cannot be read raises

        @settings(
            max_examples=EXAMPLES, database=None, derandomize=True, phases=[Phase.generate],
            suppress_health_check=[*HealthCheck],
        )  # fmt: skip
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            case.call_and_validate(base_url=base, headers=headers, checks=CHECKS)
            name = case.operation.definition.raw["operationId"]
            made[name] = made.get(name, 0) + 1

        ask()
    return made

"""The description is true: it is asked at random, and a client that is made of it sends a message."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import openapi_spec_validator
import schemathesis
from datamodel_code_generator import InputFileType, PythonVersion, generate
from datamodel_code_generator.enums import DataModelType
from datamodel_code_generator.format import Formatter
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.acceptance.conftest import Open
from tests.api.caller import BEA, caller
from tests.api.test_sends import PARCEL, on_phones, until_out

EXAMPLES = 15
"""For each endpoint."""
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance, status_code_conformance]


async def test_the_description_is_openapi_and_needs_no_key(open_town: Open) -> None:
    async with open_town() as town:
        async with town.http.get(f"{town.places.leadline}/api/v1/openapi.json") as answer:
            description = await answer.json()
        openapi_spec_validator.validate(description)
        assert set(description["paths"]) == {each.path for each in town.leadline.api}
        assert "sandbox" not in str(description), "it tells nothing of the installation"


async def test_every_answer_is_one_that_the_description_names(open_town: Open) -> None:
    async with open_town() as town:
        one = await caller(town)
        base = f"{town.places.leadline}/api/v1"
        headers = {"Authorization": f"Bearer {one.token}"}
        told = await asyncio.to_thread(fuzzed, base, headers)
        assert told.keys() == {each.name for each in town.leadline.api}
        assert all(told.values()), told


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


def client_of(description: dict[str, Any], folder: Path) -> ModuleType:
    """Types for a client, made of a description by a generator."""
    path = folder / "leadline_client.py"
    generate(
        msgspec.json.encode(description).decode(),
        input_file_type=InputFileType.OpenAPI,
        output=path,
        formatters=[Formatter.BUILTIN],
        output_model_type=DataModelType.MsgspecStruct,
        target_python_version=PythonVersion.PY_311,
    )
    found = importlib.util.spec_from_file_location("leadline_client", path)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    sys.modules["leadline_client"] = module
    found.loader.exec_module(module)
    return module


async def test_a_client_made_of_the_description_sends_a_message(open_town: Open, tmp_path: Path) -> None:
    async with open_town() as town:
        one = await caller(town)
        async with town.http.get(f"{town.places.leadline}/api/v1/openapi.json") as answer:
            client = client_of(await answer.json(), tmp_path)
        wanted = client.Send(channel=town.sms.name, address=BEA, text=PARCEL)
        status, told = await one.send("client", **msgspec.to_builtins(wanted))
        assert status == 202, told
        accepted = msgspec.convert(told, client.Accepted)
        await until_out(one, accepted.message_id, "delivered")
        message = msgspec.convert(await one.get(f"/messages/{accepted.message_id}"), client.Message)
        assert (message.text, on_phones(town)) == (PARCEL, [PARCEL])

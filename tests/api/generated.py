"""A client made of a description alone, as other languages' generators make one: types, and a call for each operation.

The types come from `datamodel-code-generator`; nothing here knows the API.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import quote, urljoin

import aiohttp
import msgspec

JSON = "application/json"


class Failed(Exception):
    """An answer that the description lists as one that is no success; `told` is of the type it names."""

    def __init__(self, status: int, told: Any) -> None:
        super().__init__(f"{status}: {told}")
        self.status = status
        self.told = told


def types_of(description: Mapping[str, Any], folder: Path) -> ModuleType:
    """A module with the types of a description. The generator is imported here: it takes long, and few need it."""
    from datamodel_code_generator import InputFileType, PythonVersion, generate
    from datamodel_code_generator.enums import DataModelType
    from datamodel_code_generator.format import Formatter

    path = folder / "described_types.py"
    generate(
        msgspec.json.encode(description).decode(),
        input_file_type=InputFileType.OpenAPI,
        output=path,
        formatters=[Formatter.BUILTIN],
        output_model_type=DataModelType.MsgspecStruct,
        target_python_version=PythonVersion.PY_311,
    )
    found = importlib.util.spec_from_file_location("described_types", path)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    sys.modules["described_types"] = module
    found.loader.exec_module(module)
    return module


class Client:
    """One bearer key. `call` makes a request of an operation, by the name that the description gives it."""

    def __init__(
        self, http: aiohttp.ClientSession, address: str, description: Mapping[str, Any], types: ModuleType, key: str
    ) -> None:
        self._http = http
        self._base = urljoin(address, description["servers"][0]["url"])
        self._operations = {
            operation["operationId"]: (method, path, operation)
            for path, verbs in description["paths"].items()
            for method, operation in verbs.items()
        }
        self._types = types
        assert description["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
        self._key = key

    @property
    def operations(self) -> list[str]:
        """What can be called."""
        return [*self._operations]

    async def call(self, name: str, body: Any = None, **values: Any) -> Any:
        """The answer, in the type that the description names; raises Failed. values: of the parameters, by name."""
        method, path, operation = self._operations[name]
        headers = {"Authorization": f"Bearer {self._key}"}
        query: dict[str, str] = {}
        for parameter in operation["parameters"]:
            given = values.pop(parameter["name"].replace("-", "_"), None)
            assert given is not None or not parameter["required"], parameter["name"]
            if given is None:
                continue
            if parameter["in"] == "path":
                path = path.replace(f"{{{parameter['name']}}}", quote(str(given), safe=""))
            else:
                (headers if parameter["in"] == "header" else query)[parameter["name"]] = str(given)
        assert not values, "the operation has no such parameter"
        sent = msgspec.json.encode(body) if body is not None else None
        if "requestBody" in operation:
            assert type(body) is self._type(operation["requestBody"]["content"][JSON])
            headers["Content-Type"] = JSON
        async with self._http.request(method, self._base + path, data=sent, params=query, headers=headers) as answer:
            described = operation["responses"][str(answer.status)]["content"][answer.content_type]
            told = msgspec.json.decode(await answer.read(), type=self._type(described))
            if answer.status >= 400:
                raise Failed(answer.status, told)
            return told

    def _type(self, content: Mapping[str, Any]) -> Any:
        return getattr(self._types, content["schema"]["$ref"].rpartition("/")[2])

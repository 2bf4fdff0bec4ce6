"""Checks values against the machine-readable description of Telegram's Bot API."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_PLAIN: dict[str, type | tuple[type, ...]] = {"Integer": int, "String": str, "Float": (int, float), "Boolean": bool}


class Description:
    """The methods and types of the Bot API."""

    def __init__(self, shared: Path) -> None:
        api = json.loads((shared / "specs/telegram/api.min.json").read_text("utf-8"))
        self._methods, self._types = api["methods"], api["types"]

    def parameters(self, method: str, values: dict[str, Any]) -> None:
        """Raise AssertionError unless the method takes these."""
        self._fields(method, self._methods[method]["fields"], values)

    def result(self, method: str, value: Any) -> None:
        """Raise AssertionError unless the method answers so."""
        self._check(method, self._methods[method]["returns"], value)

    def object(self, name: str, value: Any) -> None:
        """Raise AssertionError unless the value is of this type."""
        self._check(name, [name], value)

    def fields(self, name: str) -> set[str]:
        """The fields that this type has."""
        return {field["name"] for field in self._types[name]["fields"]}

    def _check(self, place: str, kinds: list[str], value: Any) -> None:
        troubles = []
        for kind in kinds:
            try:
                self._is(place, kind, value)
            except AssertionError as error:
                troubles.append(str(error))
            else:
                return
        raise AssertionError("; ".join(troubles))

    def _is(self, place: str, kind: str, value: Any) -> None:
        if kind in _PLAIN:
            fits = isinstance(value, _PLAIN[kind]) and (kind == "Boolean" or not isinstance(value, bool))
            assert fits, f"{place} is no {kind}: {value!r}"
        elif kind.startswith("Array of "):
            assert isinstance(value, list), f"{place} is no list"
            for item in value:
                self._is(place, kind.removeprefix("Array of "), item)
        elif kind == "InputFile":
            assert isinstance(value, tuple), f"{place} is no uploaded file"
        elif subtypes := self._types[kind].get("subtypes"):
            self._check(place, subtypes, value)
        else:
            self._fields(place, self._types[kind].get("fields", []), value)

    def _fields(self, place: str, fields: list[dict[str, Any]], value: Any) -> None:
        assert isinstance(value, dict), f"{place} is no object"
        known = {field["name"]: field for field in fields}
        assert set(value) <= set(known), f"{place} knows no {sorted(set(value) - set(known))}"
        missing = [name for name, field in known.items() if field["required"] and name not in value]
        assert not missing, f"{place} lacks {missing}"
        for name, item in value.items():
            self._check(f"{place}.{name}", known[name]["types"], item)

"""Search queries of contacts and conversations as parametrised SQL. Used by searches.py.

Field names come from fixed lists, values never enter the text of a statement. Rules: the search pages of the 2.16 spec
(operators by type, two levels of groups, fifteen filters in a group).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec
from psycopg import sql
from psycopg.types.json import Jsonb

from leadline.sandbox.workspace import ApiError

Kind = Literal["string", "integer", "float", "boolean", "date", "member", "keys", "words"]
OPERATORS: dict[str, frozenset[str]] = {
    "string": frozenset({"=", "!=", "IN", "NIN", "~", "!~", "^", "$"}),
    "words": frozenset({"=", "!=", "~", "!~"}),
    "boolean": frozenset({"=", "!=", "IN", "NIN"}),
    "integer": frozenset({"=", "!=", "IN", "NIN", "<", ">", "<=", ">="}),
    "float": frozenset({"=", "!=", "IN", "NIN", "<", ">", "<=", ">="}),
    "date": frozenset({"=", "<", ">"}),
    "member": frozenset({"=", "!=", "IN", "NIN"}),
    "keys": frozenset({"=", "!="}),
}
MOST_FILTERS = 15
MOST_LEVELS = 2


class Field(msgspec.Struct, frozen=True):
    """One searchable field: its type and the SQL that reads it from an index document."""

    kind: Kind
    read: sql.Composable
    attribute: str = ""
    day_only: bool = True


class Paging(msgspec.Struct):
    per_page: int | None = None
    starting_after: str | None = None


class Sort(msgspec.Struct):
    field: str | None = None
    order: str | None = None


class SearchBody(msgspec.Struct):
    query: dict[str, Any]
    sort: Sort | None = None
    pagination: Paging | None = None


class Where(msgspec.Struct, frozen=True):
    """A condition and its parameters, in order."""

    text: sql.Composable
    values: tuple[Any, ...] = ()


Fields = Mapping[str, Field]


def condition(query: Any, fields: Fields, timezone: str, level: int = 1) -> Where:
    """The condition of one filter or group; raises ApiError 400 naming the filter that is wrong."""
    if not isinstance(query, dict) or "operator" not in query or "value" not in query:
        raise _wrong("a filter needs field, operator and value; a group needs operator AND or OR and a list in value")
    if "field" in query:
        return _filter(query, fields, timezone)
    operator, parts = str(query["operator"]).upper(), query["value"]
    if operator not in {"AND", "OR"} or not isinstance(parts, list) or not parts:
        raise _wrong("a group has the operator AND or OR and a list of filters in value")
    if len(parts) > MOST_FILTERS:
        raise _wrong(f"a group has at most {MOST_FILTERS} filters, this one has {len(parts)}")
    if level > MOST_LEVELS:
        raise _wrong(f"groups may be nested {MOST_LEVELS} levels deep")
    inner = [condition(part, fields, timezone, level + 1) for part in parts]
    joined = sql.SQL(" and " if operator == "AND" else " or ").join([each.text for each in inner])
    return Where(sql.SQL("({})").format(joined), tuple(value for each in inner for value in each.values))


def _filter(query: dict[str, Any], fields: Fields, timezone: str) -> Where:
    name, operator, value = str(query["field"]), str(query["operator"]).upper(), query["value"]
    field = fields.get(name)
    if field is None:
        raise _wrong(f"'{name}' is not a field that can be searched", name)
    if operator not in OPERATORS[field.kind]:
        raise _wrong(f"operator '{operator}' cannot be used on {name}, a field of type {field.kind}", name)
    if operator in {"IN", "NIN"}:
        if not isinstance(value, list) or not value:
            raise _wrong(f"{operator} on {name} needs a list of values", name)
        return _listed(field, name, operator, [_typed(field, name, each) for each in value])
    typed = None if value is None else _typed(field, name, value)
    if field.kind == "date":
        return _on_day(field, name, operator, typed, timezone)
    return _compared(field, name, operator, typed)


def _typed(field: Field, name: str, value: Any) -> Any:
    """The value in the field's type; raises ApiError 400, since Intercom fails a query with the wrong type."""
    if field.kind == "boolean":
        if value in (True, False, "true", "false"):
            return "true" if value in (True, "true") else "false"
    elif field.kind in {"integer", "date"}:
        if _is_int(value) and abs(int(value)) < 1 << 62:
            return int(value)
    elif field.kind == "float":
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        return str(value)
    raise _wrong(f"the value of {name} must be of type {field.kind}", name)


def _is_int(value: Any) -> bool:
    if isinstance(value, str):
        return value.isascii() and value.removeprefix("-").isdecimal() and len(value) < 20
    return isinstance(value, int) and not isinstance(value, bool)


def _listed(field: Field, name: str, operator: str, values: list[Any]) -> Where:
    if field.kind == "member":
        where = Where(sql.SQL("{} ?| %s").format(field.read), (values,))
    elif field.attribute and field.kind == "string":
        each = Where(sql.SQL("{} @> %s").format(_ATTRIBUTES))
        text = sql.SQL("({})").format(sql.SQL(" or ").join([each.text] * len(values)))
        where = Where(text, tuple(Jsonb({field.attribute: value}) for value in values))
    else:
        where = Where(
            sql.SQL("{} = any(%s)").format(field.read), (*_key(field), [_fold(name, each) for each in values])
        )
    return where if operator == "IN" else _not(where)


def _compared(field: Field, name: str, operator: str, value: Any) -> Where:
    if value is None:
        if operator not in {"=", "!="}:
            raise _wrong(f"{name} can only be = or != null", name)
        if field.kind in {"member", "keys"}:
            empty = Where(sql.SQL("{} in ('[]', '{{}}')").format(field.read))
            return empty if operator == "=" else _not(empty)
        return Where(sql.SQL("{} is null" if operator == "=" else "{} is not null").format(field.read), _key(field))
    if operator in {"=", "!="}:
        where = _equal(field, name, value)
        return where if operator == "=" else _not(where)
    if operator in _LIKE:
        pattern = _LIKE[operator].replace("*", _escape(_fold(name, value)))
        where = Where(sql.SQL("{} ilike %s").format(field.read), (*_key(field), pattern))
        return _not(where) if operator == "!~" else where
    return Where(_COMPARE[operator].format(field.read), (*_key(field), value))


_LIKE = {"~": "%*%", "!~": "%*%", "^": "*%", "$": "%*"}
_COMPARE = {"<": sql.SQL("{} < %s"), ">": sql.SQL("{} > %s"), "<=": sql.SQL("{} <= %s"), ">=": sql.SQL("{} >= %s")}


def _equal(field: Field, name: str, value: Any) -> Where:
    if field.kind in {"member", "keys"}:
        return Where(sql.SQL("{} ? %s").format(field.read), (value,))
    if field.kind == "words":
        text = sql.SQL("lower(%s) = any(regexp_split_to_array(lower(regexp_replace({}, '<[^>]*>', ' ', 'g')), '\\W+'))")
        return Where(text.format(field.read), (value,))
    if field.attribute and field.kind == "string":
        return Where(sql.SQL("{} @> %s").format(_ATTRIBUTES), (Jsonb({field.attribute: value}),))
    return Where(sql.SQL("{} = %s").format(field.read), (*_key(field), _fold(name, value)))


def _on_day(field: Field, name: str, operator: str, value: Any, timezone: str) -> Where:
    if value is None:
        return Where(sql.SQL("{} is null").format(field.read), _key(field))
    start, end = _day(value, timezone) if field.day_only else (value, value + 1)
    if operator == "=":
        return Where(sql.SQL("({0} >= %s and {0} < %s)").format(field.read), (*_key(field), start, *_key(field), end))
    if operator == ">":
        return Where(sql.SQL("{} >= %s").format(field.read), (*_key(field), end))
    return Where(sql.SQL("{} < %s").format(field.read), (*_key(field), start))


def _day(at: int, timezone: str) -> tuple[int, int]:
    """First second of the day of `at` and of the next, in the workspace's timezone."""
    zone = ZoneInfo(timezone)
    try:
        midnight = datetime.fromtimestamp(at, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    except (ValueError, OverflowError, OSError) as error:
        raise _wrong(f"{at} is not a time") from error
    return int(midnight.timestamp()), int((midnight + timedelta(days=1)).timestamp())


def _not(where: Where) -> Where:
    return Where(sql.SQL("({}) is not true").format(where.text), where.values)


def _key(field: Field) -> tuple[str, ...]:
    """A custom attribute's name is a value too: the first parameter of `read`."""
    return (field.attribute,) if field.attribute else ()


def _fold(name: str, value: Any) -> Any:
    return value.lower() if name == "email" else value


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _wrong(text: str, field: str | None = None) -> ApiError:
    return ApiError(400, "parameter_invalid", f"The search query is wrong: {text}", field)


_ATTRIBUTES = sql.SQL("(i.doc -> 'custom_attributes')")

"""Paths of Intercom's API: filled with ids, told apart by what they do, and without ids for logs."""

from __future__ import annotations

import re
from urllib.parse import quote

from leadline.intercom.outcomes import NotFound

_ID = re.compile(r"(?<=/)(?![a-z_]+(?:/|$))[^/]+|(?<=find_by_external_id/)[^/]+")


def path(template: str, *ids: str) -> str:
    """Fill `{}` in a route with escaped ids; raises NotFound where one is empty or would lead to another route."""
    for value in ids:
        if value.strip() in {"", ".", ".."}:
            raise NotFound(404, "not_found", f"'{value}' is no id of anything in Intercom")
    return template.format(*(quote(value, safe="") for value in ids))


def is_read(method: str, path: str) -> bool:
    """Whether a call changes nothing: it may be repeated whatever became of it."""
    return method == "GET" or path.endswith(("/search", "/merge/preview"))


def route(path: str) -> str:
    """The path with every id taken out, for logs."""
    return _ID.sub("{id}", path)

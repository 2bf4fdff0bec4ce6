"""Cursor pages, as every list and search of the 2.16 API has them. Used by contacts, conversations and searches."""

from __future__ import annotations

import base64
from typing import Any

import msgspec

from leadline.sandbox.workspace import ApiError


def page_size(value: str | int | None, default: int, most: int = 150) -> int:
    """Raises ApiError 400 where it is no number of 1 to `most`."""
    if value is None:
        return default
    if not str(value).isdecimal() or not 1 <= int(value) <= most:
        raise ApiError(400, "parameter_invalid", f"Per page must be a number from 1 to {most}")
    return int(value)


def read_cursor(cursor: str | None, start: tuple[Any, str]) -> tuple[Any, str, int, int]:
    """(value, id) of the last item shown, the page that follows, and how many all pages held when the first was shown
    (0 for the first); raises ApiError 400.
    """
    if not cursor:
        return (*start, 1, 0)
    kind: Any = tuple[type(start[0]), str, int, int]  # type: ignore[misc]
    try:
        value, key, page, total = msgspec.json.decode(base64.urlsafe_b64decode(cursor), type=kind)
    except (ValueError, msgspec.MsgspecError):
        raise ApiError(400, "parameter_invalid", "starting_after is not a cursor of this list") from None
    return value, key, page, total


def pages(page: int, size: int, total: int, last: list[Any] | None) -> dict[str, Any]:
    """The `pages` object; without `next` on the last page."""
    result: dict[str, Any] = {"type": "pages", "page": page, "per_page": size, "total_pages": -(-total // size)}
    if last:
        cursor = base64.urlsafe_b64encode(msgspec.json.encode([*last, page + 1, total])).decode()
        result["next"] = {"per_page": size, "starting_after": cursor}
    return result


def page_number(asked: str | None) -> int:
    """The page asked for, of lists that count their pages from one."""
    return max(int(asked), 1) if asked and asked.isdecimal() else 1

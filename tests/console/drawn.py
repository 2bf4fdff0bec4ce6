"""A page of the console as its HTML has it, without a browser: for tests that ask for many and press nothing."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from html import unescape
from typing import Any, NamedTuple

import aiohttp
import msgspec

from leadline.console.guard import COOKIE
from leadline.console.rights import Role
from leadline.stage.town import Demo
from tests.console.acting import session_of

_ELEMENTS = re.compile(r"parseElements\(String\.raw`(.*?)`\)", re.DOTALL)
Read = Callable[[str], Awaitable["Drawn"]]


def elements_of(html: str) -> dict[str, Any]:
    """What the page's script makes its elements of, by their numbers."""
    [found] = _ELEMENTS.findall(html)
    return dict(msgspec.json.decode(unescape(found)))


class Element(NamedTuple):
    """row: what it is about. words: all that is read in it."""

    row: str
    words: str


class Drawn:
    """One page."""

    def __init__(self, html: str) -> None:
        self._elements = elements_of(html)

    def found(self, testid: str) -> list[Element]:
        """All elements of this name, a pattern, from top to bottom."""
        named = ((number, each.get("props", {})) for number, each in self._elements.items())
        return [
            Element(str(props.get("data-row", "")), self._words(number))
            for number, props in named
            if re.fullmatch(testid, str(props.get("data-testid", "")))
        ]

    def _words(self, number: int | str) -> str:
        element = self._elements[str(number)]
        inner = [self._words(each) for each in element.get("children", ())]
        return " ".join(filter(None, [str(element.get("text", "")), *inner]))


@asynccontextmanager
async def reader(demo: Demo, role: Role) -> AsyncIterator[Read]:
    """What somebody with this role is shown at an address."""
    headers = {"Cookie": f"{COOKIE}={await session_of(demo.leadline, role)}"}
    async with aiohttp.ClientSession(headers=headers) as http:

        async def read(path: str) -> Drawn:
            async with http.get(f"{demo.places.leadline}{path}") as answer:
                return Drawn(await answer.text())

        yield read

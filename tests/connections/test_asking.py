"""Whatever an address answers, asking it for JSON ends with an object or with words."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from leadline.connections.asking import LARGEST, NotAnswered, ask
from leadline.serving import address, bind, serving


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param(b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "not with JSON", id="nested deeply"),
        pytest.param(b'{"a": 1', "not with JSON", id="broken off"),
        pytest.param(b"[1]", "not with JSON", id="a list"),
        pytest.param(b"\xff\xfe", "not with JSON", id="no text"),
        pytest.param(b'{"a": 1, "\x80": 2}', "not with JSON", id="a name that is no text"),
        pytest.param(b" " * LARGEST + b"{}", "its answer is too long", id="too long"),
    ],
)
async def test_what_is_no_answer_is_told_in_words(body: bytes, words: str) -> None:
    async def answer(_: Request) -> Response:
        return Response(body, media_type="application/json")

    listener = bind("127.0.0.1", 0)
    async with serving(Starlette(routes=[Route("/", answer)]), listener):
        with pytest.raises(NotAnswered, match=words):
            await ask(address(listener), allowed=frozenset({"127.0.0.1"}))

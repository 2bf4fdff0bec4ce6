"""The looks of console, stage and panel host: one style sheet and one script, served as files that browsers keep."""

from __future__ import annotations

import hashlib
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

SHEETS = ("colours.css", "console.css", "people.css", "today.css", "stage.css", "canvas.css")


def routes() -> list[Route]:
    """For anybody: there is nothing in them but looks."""
    here = files("leadline.console.look")
    sheet = "\n".join((here / name).read_text("utf-8") for name in SHEETS)
    script = (here / "console.js").read_text("utf-8")
    return [_route("/console/look.css", sheet, "text/css"), _route("/console/console.js", script, "text/javascript")]


def _route(path: str, content: str, media_type: str) -> Route:
    tag = f'"{hashlib.sha256(content.encode()).hexdigest()[:16]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}

    async def answer(request: Request) -> Response:
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(content, headers=headers, media_type=media_type)

    return Route(path, answer, methods=["GET"])

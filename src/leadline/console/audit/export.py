"""`/console/audit/export`: what a filter leaves of the audit, as JSON, one line an act. The export is an act itself."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import msgspec
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from leadline.console.audit.found import Wanted
from leadline.console.guard import SEAT
from leadline.console.rights import Seat
from leadline.store.acting import acting
from leadline.store.database import Database
from leadline.store.queries import queries

BATCH = 500  # acts
HEADERS = {"Content-Disposition": 'attachment; filename="audit.jsonl"', "Cache-Control": "no-store"}


def export(database: Database) -> Callable[[Request], Awaitable[Response]]:
    """The answer to a request that the guard let through."""

    async def answer(request: Request) -> Response:
        seat: Seat = request.scope[SEAT]
        if not seat.may("audit"):
            return PlainTextResponse("This needs the role admin\n", 403)
        filtered = msgspec.json.encode({"filter": dict(request.query_params)}).decode()
        with acting(seat.email, "console"):
            async with database.connection() as connection:
                await queries.note_act(
                    connection, workspace_id=seat.workspace_id, act="audit.exported", subject=None, detail=filtered
                )
        lines = _lines(database, seat.workspace_id, Wanted(request.query_params))
        return StreamingResponse(lines, media_type="application/jsonl", headers=HEADERS)

    return answer


async def _lines(database: Database, workspace_id: str, wanted: Wanted) -> AsyncIterator[bytes]:
    before: int | None = None
    while rows := await wanted.read(database, workspace_id, before=before, count=BATCH):
        yield b"".join(msgspec.json.encode(row, enc_hook=str) + b"\n" for row in rows)
        before = rows[-1]["audit_id"]

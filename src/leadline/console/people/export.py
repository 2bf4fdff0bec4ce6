"""`/console/people/<contact>/export`: everything on record about one person, as JSON. The export is an act itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from leadline.console.guard import SEAT
from leadline.console.rights import Seat
from leadline.directory.find import Find
from leadline.errors import SettingError
from leadline.privacy import Persons
from leadline.privacy.meant import meant
from leadline.store.acting import acting
from leadline.store.database import Database
from leadline.store.queries import queries

HEADERS = {"Content-Disposition": 'attachment; filename="person.json"', "Cache-Control": "no-store"}


def export(database: Database, find: Find) -> Callable[[Request], Awaitable[Response]]:
    """The answer to a request that the guard let through."""

    async def answer(request: Request) -> Response:
        seat: Seat = request.scope[SEAT]
        if not seat.may("person"):
            return PlainTextResponse("This needs the role admin\n", 403)
        try:
            person = await meant(database, find, seat.workspace_id, request.path_params["contact"])
        except SettingError as nobody:
            return PlainTextResponse(f"{nobody}\n", 404)
        copy = await Persons(database).export(person)
        with acting(seat.email, "console"):
            await _note(database, seat.workspace_id, sum(map(len, copy.values())))
        content = msgspec.json.format(msgspec.json.encode(copy))
        return Response(content, media_type="application/json", headers=HEADERS)

    return answer


async def _note(database: Database, workspace_id: str, records: int) -> None:
    async with database.connection() as connection:
        await queries.note_act(
            connection,
            workspace_id=workspace_id,
            act="person.exported",
            subject=None,
            detail=msgspec.json.encode({"records": records}).decode(),
        )

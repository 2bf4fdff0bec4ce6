"""Shared commits: what many lanes have to write at one moment becomes one statement of each kind, and one commit.

The worker's lanes write here: `lanes.py`, and whoever does their work. Everything goes through one session, which is
also what proves that this worker lives: whose lanes another may take cannot write any more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

import msgspec
import structlog

from leadline.engine.session import Session
from leadline.errors import Lost
from leadline.model import Struct

E = TypeVar("E", bound=Struct)
R = TypeVar("R")
Rows = list[dict[str, Any]]
MOST = 256  # entries of one commit
_encode = msgspec.json.Encoder().encode
log = structlog.get_logger(__name__)


def document(entries: Sequence[Struct]) -> dict[str, Any]:
    """All of them as one JSON document, each with all its fields and its position `n`, from 1.

    An array for each field took this process four times as long to hand over, and PostgreSQL five times to read.
    """
    rows = [{"n": number, **msgspec.structs.asdict(entry)} for number, entry in enumerate(entries, 1)]
    return {"entries": _encode(rows).decode()}


class Statement(Struct, Generic[E, R], frozen=True):
    """One SQL statement for many entries.

    sql: gets what `parameters` makes of the entries, and `holder`, the session. Its rows name the entry they are about
    by its position `n`. read: the answer to an entry, from its rows. rank: the order within a commit: what may
    have to wait for somebody else's lock comes first, so that nothing is held meanwhile. shared: False where each entry
    needs the statement for itself; then all rows are about it. before: runs first, with the same values; locks are
    taken there, so that the statement sees what others wrote meanwhile.
    """

    sql: str
    read: Callable[[Rows], R]
    parameters: Callable[[Sequence[E]], dict[str, Any]] = document
    rank: int = 5
    shared: bool = True
    before: str = ""


class _Line:
    def __init__(self, statement: Statement[Any, Any], entry: Struct) -> None:
        self.statement = statement
        self.entry = entry
        self.answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()


class Ledger:
    """Group commit of the lanes: what waits while one commit runs goes into the next; a lone entry goes at once."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session: Session | None = None
        self._waiting: list[_Line] = []
        self._writer: asyncio.Task[None] | None = None

    async def write(self, statement: Statement[E, R], entry: E) -> R:
        """What the statement answered to this entry, after the commit. Raises Lost when the session is."""
        line = _Line(statement, entry)
        self._waiting.append(line)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        answer: R = await asyncio.shield(line.answer)
        return answer

    @property
    def session(self) -> Session | None:
        """The session that lanes are held by now."""
        return self._session

    async def close(self) -> None:
        """After the commits under way. Whatever is held is free for others."""
        if self._writer is not None:
            await self._writer
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _write(self) -> None:
        await asyncio.sleep(0)  # whoever is about to write at this moment comes along
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            try:
                await self._commit(batch)
            except Exception as error:  # each waiter gets it, or its own
                await self._failed(batch, error)

    async def _commit(self, batch: Sequence[_Line]) -> None:
        session = await self._opened()
        groups = _grouped(batch)
        statements: list[tuple[str, dict[str, Any]]] = []
        places = []
        for lines in groups:
            statement = lines[0].statement
            values = statement.parameters([line.entry for line in lines]) | {"holder": session.holder}
            statements += [(statement.before, values)] if statement.before else []
            places.append(len(statements))
            statements.append((statement.sql, values))
        answers = await session.run(statements)
        for lines, place in zip(groups, places, strict=True):
            _answer(lines, answers[place])

    async def _opened(self) -> Session:
        if self._session is None or not self._session.alive:
            self._session = await Session.open(self._url)
        return self._session

    async def _failed(self, batch: Sequence[_Line], error: Exception) -> None:
        """One entry that the database refuses, or a deadlock, must not take the others with it."""
        if self._session is None or not self._session.alive:
            await self._lost(batch, error)
        elif len(batch) == 1:
            _fail(batch[0], error)
        else:
            log.warning("commit_failed", size=len(batch), error=type(error).__name__)
            for line in batch:
                try:
                    await self._commit([line])
                except Exception as single:
                    await self._failed([line], single)

    async def _lost(self, batch: Sequence[_Line], error: Exception) -> None:
        """Nobody knows what of it was committed: whoever takes the lanes next will see."""
        log.warning("session_lost", why=str(error).strip() or type(error).__name__, entries=len(batch))
        if self._session is not None:
            await self._session.close()
            self._session = None
        for line in batch:
            _fail(line, Lost("The worker's session of the database broke"))


def _grouped(batch: Sequence[_Line]) -> list[list[_Line]]:
    """Those of one statement together, in the order of the statements."""
    groups: dict[int, list[_Line]] = {}
    for line in sorted(batch, key=lambda line: line.statement.rank):
        groups.setdefault(id(line.statement) if line.statement.shared else id(line), []).append(line)
    return [*groups.values()]


def _answer(lines: Sequence[_Line], rows: Rows) -> None:
    theirs: list[Rows] = [[] for _ in lines]
    for row in rows:
        theirs[row["n"] - 1 if lines[0].statement.shared else 0].append(row)
    for line, found in zip(lines, theirs, strict=True):
        if not line.answer.done():
            _read(line, found)


def _read(line: _Line, found: Rows) -> None:
    try:
        line.answer.set_result(line.statement.read(found))
    except Exception as error:
        _fail(line, error)


def _fail(line: _Line, error: Exception) -> None:
    if not line.answer.done():
        line.answer.set_exception(error)
        line.answer.exception()  # marks it as seen: the waiter may have gone away

"""Prepared statements of one connection, sent as libpq takes them and without a cursor. `line.py` uses it.

A cursor converts values and rows, and has its socket watched anew for every statement: for the small one that keeps a
lone webhook, that took longer in this process than all the rest.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import AsyncConnection
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult


class Direct:
    """Watches the connection's socket until `leave`; nobody else may use the connection meanwhile."""

    def __init__(self, connection: AsyncConnection[Any]) -> None:
        self._pgconn = connection.pgconn
        self._socket = connection.fileno()
        self._loop = asyncio.get_running_loop()
        self._result: PGresult | None = None
        self._answer: asyncio.Future[PGresult] | None = None
        self._loop.add_reader(self._socket, self._readable)

    async def rows(self, statement: bytes, values: Sequence[bytes | None]) -> int:
        """How many rows a statement returned that takes texts and bytes; raises psycopg.Error. One at a time."""
        self._pgconn.send_query_prepared(statement, values, [1] * len(values))
        if self._pgconn.flush():
            self._loop.add_writer(self._socket, self._writable)
        self._answer = self._loop.create_future()
        result = await self._answer
        if result.status != ExecStatus.TUPLES_OK:
            raise error_from_result(result)
        return int(result.ntuples)

    def leave(self) -> None:
        """Watch no more. Once: the number of a closed socket may be another one's by now."""
        if self._socket >= 0:
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)
            self._socket = -1

    def _writable(self) -> None:
        """The rest of what the socket did not take at once."""
        try:
            if not self._pgconn.flush():
                self._loop.remove_writer(self._socket)
        except psycopg.OperationalError as error:
            self._broke(error)

    def _readable(self) -> None:
        """A piece of the answer, or something the server says unasked."""
        try:
            self._pgconn.consume_input()
            while not self._pgconn.is_busy():
                if (result := self._pgconn.get_result()) is None:
                    self._answered()
                    return
                self._result = result
        except psycopg.OperationalError as error:
            self._broke(error)

    def _answered(self) -> None:
        if self._answer and self._result and not self._answer.done():
            self._answer.set_result(self._result)
        self._result = None

    def _broke(self, error: psycopg.OperationalError) -> None:
        self.leave()
        if self._answer and not self._answer.done():
            self._answer.set_exception(error)

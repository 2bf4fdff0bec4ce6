"""The database as one file and back, by PostgreSQL's own programs. For `leadline backup` and `leadline restore`.

What passes is a stream, so that a sealed backup never lies on the disk in clear. No password is in an argument.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import IO, NamedTuple

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from leadline.errors import SettingError
from leadline.store.cluster import RELEASE, installed

PIECE = 1 << 16  # bytes
MAJOR = re.compile(r"(\d+)")


class Contents(NamedTuple):
    """What was read back from a dump."""

    tables: int
    rows: int


def dump(url: str) -> Iterator[bytes]:
    """The whole database in pg_dump's custom format; raises SettingError where it fails."""
    arguments, environ = _address(url)
    program = _program("pg_dump", _server_major(url))
    with tempfile.TemporaryFile() as said:
        running = subprocess.Popen(  # noqa: S603 - our own program
            [program, "--format=custom", "--no-owner", "--no-privileges", *arguments],
            stdout=subprocess.PIPE,
            stderr=said,
            env=environ,
        )
        assert running.stdout is not None
        with running.stdout:
            while piece := running.stdout.read(PIECE):
                yield piece
        _require_well(running, said, "pg_dump")


def read_back(chunks: Iterable[bytes]) -> Contents:
    """Read a whole dump as a restore would, and count what is in it; raises SettingError where that fails."""
    tables = rows = 0
    with _restoring(["--file=-"], dict(os.environ), chunks) as running:
        assert running.stdout is not None
        is_data = False
        for line in running.stdout:
            if is_data:
                is_data = line != b"\\.\n"
                rows += is_data
            elif line.startswith(b"COPY "):
                is_data, tables = True, tables + 1
    return Contents(tables, rows)


def restore(url: str, chunks: Iterable[bytes]) -> None:
    """Everything or nothing of a dump into an empty database; raises SettingError."""
    arguments, environ = _address(url)
    whole = ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", *arguments]
    with _restoring(whole, environ, chunks):
        pass


@contextmanager
def _restoring(
    arguments: Sequence[str], environ: Mapping[str, str], chunks: Iterable[bytes]
) -> Iterator[subprocess.Popen[bytes]]:
    """pg_restore, fed from beside; at the end it must have gone well, and so must the feeding."""
    troubles: list[Exception] = []
    with tempfile.TemporaryFile() as said:
        running = subprocess.Popen(  # noqa: S603 - our own program
            [_program("pg_restore"), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            env=environ,
        )
        feeding = threading.Thread(target=_feed, args=(running, chunks, troubles))
        feeding.start()
        try:
            yield running
        finally:
            feeding.join()
            running.wait()
            assert running.stdout is not None
            running.stdout.close()
        if troubles:
            raise troubles[0]
        _require_well(running, said, "pg_restore")


def _feed(running: subprocess.Popen[bytes], chunks: Iterable[bytes], troubles: list[Exception]) -> None:
    assert running.stdin is not None
    try:
        for chunk in chunks:
            running.stdin.write(chunk)
    except BrokenPipeError:
        pass  # it ended early, and says why itself
    except Exception as error:
        running.kill()  # what it has read so far must not count
        troubles.append(error)
    finally:
        with suppress(BrokenPipeError):
            running.stdin.close()


def _require_well(running: subprocess.Popen[bytes], said: IO[bytes], name: str) -> None:
    if running.wait():
        said.seek(0)
        told = said.read().decode(errors="replace").strip().splitlines()
        raise SettingError(f"{name} failed: {' '.join(told[:3]) or f'it ended with {running.returncode}'}")


def _address(url: str) -> tuple[list[str], dict[str, str]]:
    """Arguments and environment by which PostgreSQL's programs find the database."""
    parts = conninfo_to_dict(url)
    password = parts.pop("password", None)
    secret = {"PGPASSWORD": str(password)} if password else {}
    return [f"--dbname={make_conninfo('', **parts)}"], {**os.environ, **secret}


def _program(name: str, server: int = 0) -> str:
    """The program that came with the embedded server, or the system's where the server is newer; raises SettingError.

    server: its major version; an older pg_dump refuses a newer server.
    """
    ours = installed() / name
    if int(RELEASE.removeprefix("pginstall")) >= server:
        return str(ours)
    theirs = shutil.which(name)
    said = subprocess.run([theirs, "--version"], capture_output=True, text=True, check=True).stdout if theirs else ""  # noqa: S603
    found = MAJOR.search(said)
    if theirs is None or found is None or int(found[1]) < server:
        raise SettingError(
            f"The database is PostgreSQL {server}, and no {name} here is as new. "
            f"Install postgresql-client-{server} on this machine."
        )
    return theirs


def _server_major(url: str) -> int:
    with psycopg.connect(url, connect_timeout=10) as connection:
        return connection.info.server_version // 10_000

"""`leadline backup`: the whole database as one file that was read back; sealed with a passphrase on request."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from leadline.cli.asking import ask
from leadline.cli.channel_values import read_value
from leadline.cli.console import out, show_json
from leadline.cli.office import note_for_all
from leadline.cli.options import AsJson
from leadline.errors import SettingError
from leadline.identity.words import counted
from leadline.model import Struct
from leadline.settings import load
from leadline.store.database import Database
from leadline.store.dumps import Contents, dump, read_back
from leadline.store.opened import open_database
from leadline.store.queries import queries
from leadline.store.sealed_files import is_sealed, seal, unseal

PLAIN, SEALED = ".dump", ".dump.sealed"
NAMED = "leadline-*Z.dump*"
SHORTEST = 12  # characters of a passphrase


class Written(Struct, frozen=True, kw_only=True):
    """A backup that was read back."""

    file: str
    bytes: int
    sha256: str
    sealed: bool
    tables: int
    rows: int
    removed: tuple[str, ...] = ()


def backup(
    to: Annotated[
        Path, typer.Option(help="A folder, made where it is not there; or a new file whose name has an ending")
    ] = Path(),
    passphrase: Annotated[
        str, typer.Option(metavar="@FILE", help="Seal it with the passphrase in a file; - to be asked for it")
    ] = "",
    keep: Annotated[int, typer.Option(min=0, help="Remove all but so many backups of the folder. 0: none")] = 0,
    as_json: AsJson = False,
) -> None:
    """Write the whole database into one file, and read it back.

    Leadline goes on working meanwhile. The file holds customers' messages, so only you can read it. LEADLINE_SECRET_KEY
    is not in it: keep that elsewhere, since the channels' credentials open with nothing else.
    """
    words = passphrase_of(passphrase, again=True)
    file = _place(to, SEALED if words else PLAIN)
    written = asyncio.run(_backup(file, words, keep))
    if as_json:
        show_json(written)
    else:
        _tell(written)


def passphrase_of(given: str, *, again: bool) -> str:
    """The passphrase an option names: in a file (@file), or asked for (-). Empty for none; raises SettingError."""
    if not given:
        return ""
    if given == "-":
        words = ask("Passphrase", "--passphrase @file", hidden=True, again=again)
    elif given.startswith("@"):
        words = read_value(Path(given[1:]))
    else:
        raise SettingError("Others can read a command line. Write --passphrase @file, or --passphrase - to type it.")
    if again and len(words) < SHORTEST:
        raise SettingError(f"The passphrase is too short: it takes {SHORTEST} characters or more.")
    return words


def opened(file: BinaryIO, passphrase: str) -> Iterator[bytes]:
    """A backup's dump, piece by piece; raises SettingError where it is sealed and there is no passphrase."""
    if is_sealed(file):
        if not passphrase:
            raise SettingError("This backup is sealed. Give its passphrase: --passphrase @file, or - to type it.")
        return unseal(file, passphrase)
    return iter(lambda: file.read(1 << 16), b"")


def _place(to: Path, ending: str) -> Path:
    """The file to write; raises SettingError where its folder cannot be made."""
    if to.suffix and not to.is_dir():
        return to
    try:
        to.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(f"{to} cannot be made a folder: {error.strerror}. Name another one, or a file.") from error
    return to / f"leadline-{datetime.now(UTC):%Y%m%dT%H%M%SZ}{ending}"


async def _backup(file: Path, passphrase: str, keep: int) -> Written:
    async with open_database(load()) as database:
        async with database.connection() as connection:
            await queries.backup_begins(connection)
        half = file.with_name(f"{file.name}.part")
        try:
            written = await asyncio.to_thread(_write, half, database.url, passphrase)
            await _require_whole(database, written)
            os.link(half, file)  # unlike a renaming this replaces nobody's file
        except FileExistsError:
            raise SettingError(f"{file} is there already. Name a new file, or a folder.") from None
        except OSError as error:
            raise SettingError(f"{file} cannot be written: {error.strerror or error}") from error
        finally:
            half.unlink(missing_ok=True)
        async with database.connection() as connection:
            await queries.backup_checked(connection)
            await queries.forget_backups(connection)
        await note_for_all(database, "backup.made", {"file": file.name, "rows": written.contents.rows})
    removed = _older(file, keep)
    for each in removed:
        each.unlink()
    return Written(
        file=str(file),
        bytes=file.stat().st_size,
        sha256=written.sha256,
        sealed=bool(passphrase),
        tables=written.contents.tables,
        rows=written.contents.rows,
        removed=tuple(map(str, removed)),
    )


class _Checked(Struct, frozen=True):
    sha256: str
    contents: Contents


def _write(half: Path, url: str, passphrase: str) -> _Checked:
    """Write the file, on the disk at the end, and read it back from there."""
    with suppress(FileNotFoundError):
        half.unlink()  # of a run that was killed
    descriptor = os.open(half, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w+b") as file:
        chunks: Iterable[bytes] = dump(url)
        file.writelines(seal(chunks, passphrase) if passphrase else chunks)
        file.flush()
        os.fsync(file.fileno())
        file.seek(0)
        contents = read_back(opened(file, passphrase))
        file.seek(0)
        return _Checked(hashlib.file_digest(file, "sha256").hexdigest(), contents)


async def _require_whole(database: Database, written: _Checked) -> None:
    async with database.connection() as connection:
        tables = (await queries.count_tables(connection))["count"]
    if written.contents.tables < tables:
        raise SettingError(
            f"The backup holds {written.contents.tables} of {tables} tables, so it is no backup and was not kept. "
            "Does the database's user own all tables?"
        )


def _older(file: Path, keep: int) -> list[Path]:
    """The backups of its folder beyond the newest `keep`; their names sort by time."""
    if not keep:
        return []
    return sorted(each for each in file.parent.glob(NAMED) if each.suffix != ".part")[:-keep]


def _tell(written: Written) -> None:
    size = f"{written.bytes / 1_000_000:,.1f} MB"
    out.print(f"{written.file}: {size}, only you can read it{', sealed' if written.sealed else ''}.")
    out.print(f"Read back whole: {counted(written.tables, 'table')}, {counted(written.rows, 'row')}.")
    out.print(f"SHA-256: {written.sha256}")
    for each in written.removed:
        out.print(f"Removed: {each}")
    out.print("LEADLINE_SECRET_KEY is not in it. Keep a copy of the key elsewhere: credentials open with nothing else.")

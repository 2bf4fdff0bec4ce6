"""The one sentence that a failed command ends with. `leadline.cli` asks for it; commands that work never load this."""

from __future__ import annotations

import tempfile
import traceback
from pathlib import Path

import psycopg

from leadline.errors import LeadlineError

PACKAGE = "leadline"
UNFIT: dict[type[psycopg.Error], str] = {
    psycopg.errors.ReadOnlySqlTransaction: (
        "The database is read-only, so nothing was changed. Let LEADLINE_DATABASE_URL lead to the primary server, "
        "and switch default_transaction_read_only off."
    ),
    psycopg.errors.DiskFull: "The database has no room left on its disk. Make room, then run the command again.",
    psycopg.errors.InsufficientPrivilege: (
        "The database does not let this user do that. Make the user of LEADLINE_DATABASE_URL the owner of the "
        "database and of its tables."
    ),
}


def sentence(error: Exception) -> str:
    """What happened and what to do about it.

    An error that nobody foresaw is named by its kind and place alone: its text may hold a customer's words.
    """
    if isinstance(error, LeadlineError):
        return str(error)
    if isinstance(error, psycopg.Error):
        return _of_database(error)
    if isinstance(error, OSError) and error.strerror:
        what = f" ({error.filename})" if error.filename else ""
        return f"The system refused what this command needs: {error.strerror}{what}."
    return f"This is a mistake in Leadline: {type(error).__name__} at {_place(error)}. Please report it.{_kept(error)}"


def _kept(error: Exception) -> str:
    """Where the whole of it is, in a file that only its owner can read; empty where there is no room for one."""
    try:
        with tempfile.NamedTemporaryFile("w", prefix="leadline-", suffix=".txt", delete=False) as file:
            file.writelines(traceback.format_exception(error))
    except OSError:
        return ""
    return f" All of it is in {file.name}, which only you can read; look through it before you pass it on."


def _of_database(error: psycopg.Error) -> str:
    for kind, told in UNFIT.items():
        if isinstance(error, kind):
            return told
    if isinstance(error, psycopg.OperationalError):
        return "The connection to the database broke off. Is the database running? `leadline doctor` looks."
    return f"The database refused what was asked ({type(error).__name__}). `leadline doctor` looks for the cause."


def _place(error: Exception) -> str:
    """The last line of Leadline's own that was running."""
    lines = traceback.extract_tb(error.__traceback__)
    own = [line for line in lines if PACKAGE in Path(line.filename).parts] or lines[-1:]
    return f"{'/'.join(Path(own[-1].filename).parts[-2:])}, line {own[-1].lineno}" if own else "an unknown place"

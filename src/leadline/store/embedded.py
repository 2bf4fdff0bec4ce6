"""The embedded PostgreSQL of a data folder, for this machine's Leadline processes only. `app.py` and the demo open it.

All that belongs to it lies in that folder, which nobody else may enter: files, socket, lock, password.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import structlog
from psycopg.conninfo import make_conninfo

from leadline.errors import SettingError
from leadline.store.account import Account, account_of
from leadline.store.cluster import Cluster

LOOK = 2.0  # seconds between looks whether the server still runs
PATH_LIMIT = 89  # bytes: a socket's whole path may have 103 (macOS; Linux 107), and its name takes 14
SAFE = (
    "select current_setting('listen_addresses') = '' and not exists (select from pg_hba_file_rules"
    " where error is not null or type <> 'local' or auth_method <> 'scram-sha-256')"
)
log = structlog.get_logger(__name__)


@contextmanager
def embedded(data_dir: Path) -> Iterator[str]:
    """Start the embedded PostgreSQL of folder `data_dir`, or attach to the one running there; yields its address.

    The address names the file with the password, not the password. The last process to leave stops the server; one
    that died without leaving does not count. A server that ends by itself is started again. Raises SettingError.
    """
    folder = data_dir.expanduser().resolve()
    with ExitStack() as stack:
        try:
            cluster = Cluster(folder, _prepared(folder))
            stack.enter_context(_attached(cluster))
            stack.enter_context(_looked_after(cluster))
            url = make_conninfo(
                host=str(stack.enter_context(_short(cluster.files))),
                user="postgres",
                dbname="postgres",
                passfile=str(cluster.password),
                require_auth="scram-sha-256",
            )
        except OSError as error:
            why = error.strerror or error
            raise SettingError(
                f"The embedded PostgreSQL in {folder} does not start: {why}. "
                "Set LEADLINE_DATA_DIR to a writable folder, or LEADLINE_DATABASE_URL to your own server."
            ) from error
        _assert_closed(url, folder)
        yield url


def reachable(data_dir: Path) -> bool:
    """Whether the server could work in that folder: as root it is another user, whom a folder above may keep out."""
    folder = data_dir.expanduser().resolve()
    there = next(place for place in (folder, *folder.parents) if place.exists())
    return account_of(folder if there == folder else Path("/")).may_enter(there)


def _prepared(folder: Path) -> Account:
    """Make the folder ours alone, and change nothing above it; raises SettingError where that is not enough."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    account = account_of(folder)
    if not any(folder.iterdir()) or (folder / "pg").exists():
        account.owns(folder)
        folder.chmod(0o700)
    elif folder.stat().st_mode & 0o022:
        raise SettingError(
            f"Others may write in {folder}, so the database would not be safe there. "
            f"Set LEADLINE_DATA_DIR to a folder of its own, or: chmod go-w {folder}"
        )
    if not account.may_enter(folder):
        raise SettingError(
            f"PostgreSQL never runs as root, and {folder} or a folder above lets nobody but root in. Run Leadline as "
            "a user of its own, or set LEADLINE_DATA_DIR to a folder that others reach, such as /var/lib/leadline."
        )
    return account


@contextmanager
def _attached(cluster: Cluster) -> Iterator[None]:
    """Hold the server as one of its users; the kernel lets go for whoever dies."""
    users = _opened(cluster.folder / "users", cluster.account)
    try:
        with _locked(cluster):
            cluster.start()
            fcntl.flock(users, fcntl.LOCK_SH)
        yield
    finally:
        with _locked(cluster):
            fcntl.flock(users, fcntl.LOCK_UN)
            if _alone(users):
                cluster.stop()
            os.close(users)


@contextmanager
def _looked_after(cluster: Cluster) -> Iterator[None]:
    """The server dies when the machine has no memory or no room for it; nobody else would start it."""
    leaving = threading.Event()
    looking = threading.Thread(target=_look_after, args=(cluster, leaving), daemon=True)
    looking.start()
    try:
        yield
    finally:
        leaving.set()
        looking.join()


def _look_after(cluster: Cluster, leaving: threading.Event) -> None:
    while not leaving.wait(LOOK):
        if cluster.runs():
            continue
        try:
            with _locked(cluster):
                cluster.start()
            log.warning("postgresql_started_again", folder=str(cluster.folder))
        except (OSError, SettingError) as error:
            log.error("postgresql_does_not_start", why=str(error))


@contextmanager
def _locked(cluster: Cluster) -> Iterator[None]:
    """One at a time starts or stops the server of this folder; others wait."""
    lock = _opened(cluster.folder / "lock", cluster.account)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _alone(users: int) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _opened(path: Path, account: Account) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    account.owns(path)
    return descriptor


@contextmanager
def _short(files: Path) -> Iterator[Path]:
    """A path to the socket's folder that fits into a socket's address: where the real one is too long, a private link.

    The socket itself stays in the folder.
    """
    if len(os.fsencode(files)) <= PATH_LIMIT:
        yield files
        return
    with tempfile.TemporaryDirectory(prefix="leadline-", dir="/tmp") as private:
        link = Path(private) / "pg"
        link.symlink_to(files)
        yield link


def _assert_closed(url: str, folder: Path) -> None:
    """The server that answers must ask for the password and listen to no network; raises SettingError."""
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            row = connection.execute(SAFE).fetchone()
    except psycopg.OperationalError as error:
        raise SettingError(
            f"The embedded PostgreSQL in {folder} does not let Leadline in: {str(error).strip().splitlines()[0]}. "
            "If a former version of Leadline still runs, stop all its processes once."
        ) from error
    if row != (True,):
        raise SettingError(
            f"The embedded PostgreSQL in {folder} is open to others: it trusts or listens beyond its folder. Stop all "
            "of Leadline's processes, and remove your changes from postgresql.auto.conf."
        )

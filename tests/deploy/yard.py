"""A machine within this one, for an engine with networks: its own interfaces, firewall, mounts and processes.

Nothing of it is left when it is closed, whatever ran there; and ports as 443 are free in it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

WORLD = "192.0.2.1"  # where containers reach what runs outside of them: an address for examples (RFC 5737)
SPACES = ("--mount", "--net", "--pid")
BEGIN = f"""
mount -t tmpfs tmpfs /run
mkdir /run/lock
ip link set lo up
ip address add {WORLD} dev lo
ip link add bridged type bridge
ip link delete bridged
iptables --table nat --list-rules > /dev/null
echo begun
while sleep 3600; do :; done
"""
NEEDED = {
    "podman": "podman",
    "runc": "runc",
    "catatonit": "catatonit",
    "ip": "iproute2",
    "iptables": "iptables",
    "nsenter": "util-linux",
    "curl": "curl",
    "caddy": "caddy",
}
"""Program → Debian's package."""
NAMES = Path("/usr/lib/podman/aardvark-dns")


class Answer(NamedTuple):
    """What an http server said."""

    status: int
    body: str


class Yard:
    """first: the pid of its first process."""

    def __init__(self, first: int) -> None:
        self._first = first

    def prefix(self, folder: Path) -> list[str]:
        """The words before a command that make it run there, in a folder."""
        return ["nsenter", f"--target={self._first}", *SPACES, f"--wdns={folder}"]

    def asked(self, url: str, body: bytes = b"", headers: Sequence[str] = ()) -> Answer:
        """A request from a machine outside: a POST where there is a body. Status 0 where nobody answers.

        Certificates of a machine that nobody knows are made by its own authority, so they are not checked.
        """
        given = [part for header in headers for part in ("--header", header)]
        given += ["--data-binary", "@-"] if body else []
        command = ["curl", "--silent", "--insecure", "--max-time", "60", "--write-out", "\n%{http_code}", *given, url]
        done = subprocess.run([*self.prefix(Path("/")), *command], input=body, capture_output=True, check=False)
        said, _, status = done.stdout.decode().rpartition("\n")
        return Answer(int(status), said)


@contextmanager
def yard() -> Iterator[Yard]:
    """It ends with all that runs in it. Skips the test where the kernel does not let one be made, and says why."""
    make = ["unshare", *SPACES, "--fork", "--kill-child", "--mount-proc", "sh", "-euc", BEGIN]
    with subprocess.Popen(make, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as holder:
        try:
            assert holder.stdout is not None
            if (said := holder.stdout.readline()) != "begun\n":
                pytest.skip(f"needs a machine within this one, which cannot be made here: {said.strip()}")
            [first] = Path(f"/proc/{holder.pid}/task/{holder.pid}/children").read_text().split()
            yield Yard(int(first))
        finally:
            holder.kill()


def missing() -> str:
    """What keeps containers with networks from working here; empty where nothing does."""
    if os.geteuid() != 0:
        return "needs root"
    absent = [package for program, package in NEEDED.items() if shutil.which(program) is None]
    absent += [] if NAMES.exists() else ["aardvark-dns"]
    return f"needs {', '.join(absent)}" if absent else ""

"""Hosts on this machine: network namespaces with a link of their own to a bridge, which can be cut like a cable.

What runs on a host reaches the sandbox, the providers and PostgreSQL through relays, and nothing else. Needs root.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence

BRIDGE = "llbr0"
NET = "10.77.77"


def missing() -> str:
    """Why no host can be made here; empty when one can."""
    if os.geteuid() != 0:
        return "making network namespaces needs root"
    if shutil.which("ip") is None:
        return "needs the command ip (Debian: iproute2)"
    probe = f"llprobe{os.getpid()}"  # several workers of one run ask at the same time
    made = subprocess.run(["ip", "netns", "add", probe], capture_output=True, check=False)
    if made.returncode:
        return f"this machine makes no network namespaces: {made.stderr.decode().strip()}"
    _ip("netns", "delete", probe)
    return ""


class Host:
    """One host. `number` gives its name and its address."""

    def __init__(self, number: int) -> None:
        self.name = f"llhost{number}"
        self._link = f"llv{number}"
        self._running: list[subprocess.Popen[bytes]] = []
        _ip("netns", "add", self.name)
        _ip("link", "add", self._link, "type", "veth", "peer", "name", "eth0", "netns", self.name)
        _ip("link", "set", self._link, "master", BRIDGE, "up")
        _ip("-n", self.name, "addr", "add", f"{NET}.{number + 10}/24", "dev", "eth0")
        for device in ("eth0", "lo"):
            _ip("-n", self.name, "link", "set", device, "up")

    def run(self, arguments: Sequence[str], environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """A Python module as a process on this host."""
        command = ["ip", "netns", "exec", self.name, sys.executable, "-m", *arguments]
        quiet = subprocess.DEVNULL
        self._running.append(subprocess.Popen(command, env=dict(environ), stdout=quiet, stderr=quiet))
        return self._running[-1]

    def cut(self) -> None:
        """Pull the cable: nothing goes in or out, and nobody is told."""
        _ip("link", "set", self._link, "down")

    def heal(self) -> None:
        _ip("link", "set", self._link, "up")

    def close(self) -> None:
        for process in self._running:
            process.kill()
            process.wait()
        _ip("netns", "delete", self.name)


@contextlib.contextmanager
def hosts(count: int) -> Iterator[list[Host]]:
    """So many hosts on one bridge, gone at the end."""
    _ip("link", "add", BRIDGE, "type", "bridge")
    made: list[Host] = []
    try:
        _ip("addr", "add", f"{NET}.1/24", "dev", BRIDGE)
        _ip("link", "set", BRIDGE, "up")
        for number in range(count):
            made.append(Host(number))
        yield made
    finally:
        for host in made:
            host.close()
        _ip("link", "delete", BRIDGE)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)

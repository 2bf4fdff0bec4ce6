"""Processes under measurement: started, awaited, their CPU time and memory read. Used by the engine's benchmarks."""

from __future__ import annotations

import os
import random
import resource
import socket
import subprocess
import sys
import tempfile
import time
from array import array
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from leadline.store.embedded import embedded

PATIENCE = 60.0


@contextmanager
def postgres() -> Iterator[tuple[str, psutil.Process]]:
    """An embedded PostgreSQL with the settings it is shipped with; its address and its first process."""
    with tempfile.TemporaryDirectory(prefix="leadline-bench-") as folder:
        place = Path(folder)
        place.chmod(0o755)
        with embedded(place) as url:
            yield url, psutil.Process(int((place / "pg" / "postmaster.pid").read_text().split()[0]))


@contextmanager
def started(*command: str, environ: Mapping[str, str] = {}) -> Iterator[psutil.Process]:
    """`python -m command…` in a process of its own; stopped at the end."""
    process = subprocess.Popen([sys.executable, "-m", *command], env=os.environ | environ, stdout=subprocess.DEVNULL)
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(20)


def wait_for(port: int) -> None:
    """Until somebody listens there; raises TimeoutError."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"nobody listens on port {port}")


def free_port() -> int:
    """A port that nobody listens on, below those that outgoing connections take meanwhile."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def cpu(*parents: psutil.Process) -> float:
    """CPU seconds these processes and all below them have taken so far. Children that ended count with their parent."""
    seconds = 0.0
    for parent in parents:
        seconds += sum(parent.cpu_times()[2:4])
        for each in [parent, *parent.children(recursive=True)]:
            try:
                seconds += sum(each.cpu_times()[:2])
            except psutil.NoSuchProcess:
                continue
    return seconds


def pss(*parents: psutil.Process) -> int:
    """Bytes of memory that these processes and all below them take, shared pages counted once."""
    every = [each for parent in parents for each in (parent, *parent.children(recursive=True))]
    return sum(each.memory_full_info().pss for each in every)


def alone(*parents: psutil.Process) -> int:
    """Bytes of memory that these processes and all below them would take if nothing else ran that shares pages with
    them; 0 where the system does not tell which pages they are (CAP_SYS_ADMIN).
    """
    every = {each.pid for parent in parents for each in (parent, *parent.children(recursive=True))}
    return len(set().union(*map(_pages, every)) - {0}) * resource.getpagesize()


def _pages(pid: int) -> set[int]:
    """The numbers of the pages that a process has in memory (proc_pid_pagemap(5): bit 63, bits 0 to 54)."""
    size, found = resource.getpagesize(), set[int]()
    with Path(f"/proc/{pid}/maps").open() as maps, Path(f"/proc/{pid}/pagemap").open("rb", buffering=0) as pagemap:
        for line in maps:
            begin, end = (int(each, 16) // size for each in line.split(maxsplit=1)[0].split("-"))
            pagemap.seek(begin * 8)
            entries = array("Q", pagemap.read((end - begin) * 8))
            found.update(each & (1 << 55) - 1 for each in entries if each >> 63)
    return found


def conditions() -> dict[str, object]:
    """What a reader must know of the machine to believe the figures."""
    load = os.getloadavg()
    return {
        "date": time.strftime("%Y-%m-%d"),
        "python": sys.version.split()[0],
        "cores": os.cpu_count(),
        "load_before": [round(each, 1) for each in load],
    }

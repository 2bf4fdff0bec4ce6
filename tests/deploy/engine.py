"""Podman in a yard, used as an operator uses it: what is typed in a folder, in a shell where `docker` is podman, too.

No registry is asked: a bare Debian, this machine's Caddy and the PostgreSQL of a wheel take the places of the images
that deploy/Containerfile and deploy/compose.yaml name.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import yaml

from tests.conftest import ROOT
from tests.deploy.installed import PATIENCE
from tests.deploy.yard import Yard

STAND_INS = Path(__file__).parent / "stand_ins"
LIBRARY = "docker.io/library"
TOOLS = Path(sys.executable).parent
# An engine may not raise limits everywhere, and crun refuses machines with both kinds of cgroups.
CONFIGURED = """
[network]
network_config_dir = "{folder}/networks"
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
pids_limit = 0
[engine]
cgroup_manager = "cgroupfs"
runtime = "runc"
"""
PODMAN = """#!/bin/sh
exec /usr/bin/podman --root={folder}/images --runroot=/run/containers/storage "$@"
"""
DOCKER = """#!/bin/sh
[ "$1" = compose ] || exec podman "$@"
shift
exec podman-compose "$@"
"""


class Engine:
    """One podman, with its images in a folder."""

    def __init__(self, yard: Yard, folder: Path) -> None:
        self._yard = yard
        self._folder = folder
        for name, script in (("podman", PODMAN.format(folder=folder)), ("docker", DOCKER)):
            program = folder / "bin" / name
            program.parent.mkdir(exist_ok=True)
            program.write_text(script)
            program.chmod(0o755)
        (folder / "containers.conf").write_text(CONFIGURED.format(folder=folder))
        self._environ = {
            "PATH": f"{folder}/bin:{TOOLS}:{os.environ['PATH']}",
            "HOME": str(folder),
            "CONTAINERS_CONF": str(folder / "containers.conf"),
            "BUILDAH_ISOLATION": "chroot",
            "BUILDAH_FORMAT": "docker",  # as where `docker` is Docker; and what is built once is not built again
        }

    def typed(self, script: str, folder: Path | None = None, *, may_fail: bool = False) -> str:
        """What a script printed."""
        where = folder or self._folder
        done = subprocess.run(
            [*self._yard.prefix(where), "bash", "-euc", script],
            env=self._environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert may_fail or done.returncode == 0, f"{script}\n{done.stdout}"
        return done.stdout

    def stand_in(self, bare: Path) -> None:
        """The images that ours begins with and that run beside it, under the names by which they are asked for."""
        [tag] = re.findall(r"^ARG PYTHON=(\S+)$", (ROOT / "deploy/Containerfile").read_text("utf-8"), re.MULTILINE)
        base = f"{LIBRARY}/python:{tag}"
        offline = "--change='ENV PIP_NO_INDEX=1' --change='ENV PIP_FIND_LINKS=/wheels'"
        self.typed(f"tar -C {bare} -c . | podman import --quiet {offline} - {base}")
        services = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text("utf-8"))["services"]
        for name, service in (("postgres", "database"), ("caddy", "proxy")):
            context = shutil.copytree(STAND_INS / name, self._folder / name)
            if name == "caddy":
                shutil.copy(str(shutil.which(name)), context)
            self.typed(f"podman build --quiet --build-arg=BASE={base} --tag={services[service]['image']} {context}")

    def running(self) -> list[str]:
        """The names of the containers that run, without what holds a pod together."""
        names = self.typed("podman ps --format '{{.Names}}'").split()
        return sorted(name for name in names if not name.endswith("-infra"))


def until(holds: Callable[[], bool], told: Sequence[Callable[[], str]] = ()) -> None:
    """Waits for a state. told: what there is to read where it does not come."""
    end = time.monotonic() + PATIENCE * 2
    while not holds():
        assert time.monotonic() < end, "\n".join(tell() for tell in told)
        time.sleep(0.5)

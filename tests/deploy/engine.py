"""Podman, where it is installed and runs: the image is built and started as an operator would.

No registry is asked: a bare Debian takes the place of the image that deploy/Containerfile begins with.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from tests.conftest import ROOT
from tests.deploy.installed import Installed

FILE = ROOT / "deploy/Containerfile"
IMAGE = "localhost/leadline:test"
# The rights of deploy/compose.yaml. The limits are those of this machine: an engine may not raise them everywhere.
FENCE = ("--read-only", "--tmpfs=/tmp", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--network=host")
LIMITS = ("--ulimit=nofile=4096:4096", "--ulimit=nproc=4096:4096", "--pids-limit=-1")
Variables = Mapping[str, str]


class Engine:
    """One podman with its images in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._images = folder / "images"
        self._podman = ["podman", f"--root={self._images}", f"--runroot={folder}/runs", "--cgroup-manager=cgroupfs"]
        if shutil.which("runc"):
            self._podman.append("--runtime=runc")  # crun refuses machines with both kinds of cgroups

    def build(self, base: Path) -> str:
        """Build the image; returns what podman said where it cannot, empty where it did."""
        [tag] = re.findall(r"^ARG PYTHON=(\S+)$", FILE.read_text("utf-8"), re.MULTILINE)
        offline = ("--change=ENV PIP_NO_INDEX=1", "--change=ENV PIP_FIND_LINKS=/wheels")
        with subprocess.Popen(["tar", "-C", base, "-c", "."], stdout=subprocess.PIPE) as archive:
            said = self._said(
                "import", "--quiet", *offline, "-", f"docker.io/library/python:{tag}", stdin=archive.stdout
            )
        how = ("--pull=never", "--format=docker", "--isolation=chroot", "--network=host")
        return said or self._said("build", "--quiet", *how, f"--tag={IMAGE}", f"--file={FILE}", str(ROOT))

    def runs(self) -> str:
        """Why it cannot run a container here; empty where it can."""
        return self._said("run", "--rm", *FENCE, *LIMITS, IMAGE, "--version")

    def container(self, name: str, volume: Path, variables: Variables) -> Installed:
        """A command in a new container of this name."""
        given = [f"--env={key}={value}" for key, value in variables.items()]
        mount = f"--volume={volume}:/var/lib/leadline"
        run = [*self._podman, "run", "--rm", f"--name={name}", *FENCE, *LIMITS, mount, *given]
        return Installed(IMAGE, os.environ, ROOT, run)

    def inside(self, name: str) -> Installed:
        """A command in a container that runs."""
        return Installed("leadline", os.environ, ROOT, [*self._podman, "exec", name])

    def healthy(self, name: str) -> bool:
        """Whether the image's own health check passes."""
        return self._said("healthcheck", "run", name) == ""

    def close(self) -> None:
        """Remove its images, and the mount of the folder that holds them."""
        self._said("rmi", "--all", "--force")
        subprocess.run(["umount", "--lazy", self._images / "overlay"], capture_output=True, check=False)

    def _said(self, *arguments: str, stdin: IO[bytes] | None = None) -> str:
        """Empty where it ended well, else what it said."""
        done = subprocess.run(
            [*self._podman, *arguments], stdin=stdin or subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        return "" if done.returncode == 0 else done.stdout + done.stderr or "it failed without a word"

"""What is built once for these tests: the files of a release, all packages it needs, and a bare Debian."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import ROOT

SUITE, PACKAGES = "bookworm", "python3-venv,ca-certificates,systemd"
BUILDS = "flit-core"  # what makes a wheel of the source, inside the image


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what `make release` builds."""
    into = tmp_path_factory.mktemp("release")
    _done(sys.executable, str(ROOT / "deploy/release.py"), "--into", str(into))
    return into


@pytest.fixture(scope="session")
def wheel(release: Path) -> Path:
    return next(release.glob("*.whl"))


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of a bare Debian, with everything that Leadline needs as files in /wheels: to be copied, not changed.

    A bare machine reaches no index of packages.
    """
    if why := missing():
        pytest.skip(why)
    base = tmp_path_factory.getbasetemp()
    place = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "bare"
    with alone(place.with_suffix(".lock")):
        if not (place / "wheels").exists():
            made = _done("debootstrap", "--variant=minbase", f"--include={PACKAGES}", SUITE, str(place), may_skip=True)
            if made:
                pytest.skip(f"debootstrap does not work here: {made}")
            _download(place)
    return place


def missing() -> str:
    """What keeps these tests from running here; empty where nothing does."""
    if os.geteuid() != 0:
        return "needs root, for chroot"
    absent = [name for name in ("debootstrap", "chroot", "mount") if shutil.which(name) is None]
    return f"needs {', '.join(absent)}" if absent else ""


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """The processes of one run make it one after the other: the first one does, and the others find it."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _download(root: Path) -> None:
    lines = (ROOT / "requirements.lock").read_text("utf-8").replace("\\\n", " ").splitlines()
    tools = root.with_suffix(".txt")
    tools.write_text("\n".join(line for line in lines if line.startswith(f"{BUILDS}==")) + "\n")
    folder = root.with_suffix(".wheels")
    get = [sys.executable, "-m", "pip", "download", "--quiet", "--require-hashes", "--dest", str(folder)]
    for file in (ROOT / "requirements-run.lock", tools):
        if _done(*get, "-r", str(file), may_skip=True):
            pytest.skip("no index of packages can be reached from here")
    folder.rename(root / "wheels")


def _done(*command: str, may_skip: bool = False) -> str:
    """Run a command, which must end well; where it may skip a test, the last line of what it said instead."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = (done.stdout + done.stderr).strip()
    if done.returncode and may_skip and os.environ.get("LEADLINE_REQUIRE_INDEX") != "1":
        return said.splitlines()[-1]
    assert done.returncode == 0, said
    return ""

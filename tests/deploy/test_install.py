"""What is released installs by each documented way, outside the source folder, and works."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from leadline import __version__
from tests.deploy.installed import Installed, Place, commands, signed_webhook

OFFLINE = (
    "No matching distribution",
    "Failed to fetch",
    "error sending request",
    "Could not find a version",
    "dns error",
)
TOOLS = Path(sys.executable).parent


def test_a_release_is_complete_and_its_checksums_fit(release: Path) -> None:
    lines = (release / "SHA256SUMS").read_text().splitlines()
    sums = {name: checksum for checksum, name in (line.split("  ") for line in lines)}
    assert sorted(sums) == [f"leadline-{__version__}-py3-none-any.whl", f"leadline-{__version__}.tar.gz"]
    for name, checksum in sums.items():
        assert hashlib.sha256((release / name).read_bytes()).hexdigest() == checksum


def installed(way: str, folder: Path, wheel: Path) -> Installed:
    """Leadline in `folder`, as the documentation says; skips where no index of packages is reachable."""
    shutil.copy(wheel, folder)
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("LEADLINE_", "VIRTUAL_ENV"))}
    environ |= {
        "PATH": f"{TOOLS}:{os.environ['PATH']}",
        "UV_TOOL_DIR": str(folder / "tools"),
        "UV_TOOL_BIN_DIR": str(folder / "bin"),
        "PIPX_HOME": str(folder / "pipx"),
        "PIPX_BIN_DIR": str(folder / "bin"),
        "PIPX_DEFAULT_PYTHON": sys.executable,
    }
    script = f"set -eu\n{commands(way, wheel)}"
    done = subprocess.run(["bash", "-c", script], cwd=folder, env=environ, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    if done.returncode and any(word in said for word in OFFLINE) and os.environ.get("LEADLINE_REQUIRE_INDEX") != "1":
        pytest.skip("no index of packages can be reached from here")
    assert done.returncode == 0, said
    place = folder / ("leadline/bin" if way == "pip" else "bin") / "leadline"
    return Installed(str(place), environ | {"LEADLINE_CONFIG": "leadline.toml"}, folder)


@pytest.mark.long
@pytest.mark.parametrize("way", ["pip", "uv", "pipx"])
def test_a_fresh_environment_answers_a_signed_webhook(way: str, data_dir: Path, wheel: Path) -> None:
    leadline = installed(way, data_dir, wheel)
    place = Place()
    assert leadline.run("--version") == f"leadline {__version__}\n"
    assert "leadline.toml is written" in leadline.run("init", *place.options)
    with place.served(leadline, leadline) as address:
        assert signed_webhook(address, f"Installed by {way}") == 200
        assert place.has(f"Installed by {way}")
        assert "Passwort vergessen?" in place.page("/console/sign-in", language="de")


def test_what_runs_is_a_part_of_what_is_tested() -> None:
    """The two lock files hold the same versions under the same hashes."""
    whole, part = (_blocks(name) for name in ("requirements.lock", "requirements-run.lock"))
    assert part <= whole
    assert not any(block.startswith(("pytest==", "mypy==", "ruff==", "playwright==")) for block in part)


def _blocks(name: str) -> set[str]:
    text = (Path(__file__).parents[2] / name).read_text()
    return {block.strip() for block in text.replace("\n    ", " ").splitlines()}

"""Builds what is released, checks it, and writes its checksums: `make release`.

The same source gives the same bytes: times come from the last commit.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_bytes
from pathlib import Path

from flit_core import buildapi
from packaging.metadata import Metadata

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src"


def main() -> None:
    """Build wheel and sdist into a folder; exit with one line where something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=ROOT / "dist")
    into = parser.parse_args().into.resolve()
    into.mkdir(parents=True, exist_ok=True)
    wheel, sdist = build(into)
    if troubles := [*wheel_troubles(wheel), *sdist_troubles(sdist), *changelog_troubles(version_of(wheel))]:
        sys.exit("Not releasable:\n" + "\n".join(troubles))
    sums = "".join(f"{hashlib.sha256(each.read_bytes()).hexdigest()}  {each.name}\n" for each in (sdist, wheel))
    (into / "SHA256SUMS").write_text(sums)
    print(sums, end="")
    print(f"Tag it: git tag -a v{version_of(wheel)} -m 'Leadline {version_of(wheel)}'")


def build(into: Path) -> tuple[Path, Path]:
    """The wheel and the sdist."""
    os.chdir(ROOT)
    last = subprocess.run(["git", "log", "-1", "--format=%ct"], capture_output=True, text=True, check=False)  # noqa: S607
    os.environ.setdefault("SOURCE_DATE_EPOCH", last.stdout.strip() or "1767225600")
    return into / buildapi.build_wheel(str(into)), into / buildapi.build_sdist(str(into))


def version_of(wheel: Path) -> str:
    """The version in a wheel's name."""
    return wheel.name.split("-")[1]


def wheel_troubles(wheel: Path) -> list[str]:
    """Every file of the source must be in it, nothing else, and its metadata must be valid."""
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        [described] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        metadata = archive.read(described)
    there = {str(path.relative_to(SOURCE)) for path in SOURCE.rglob("*") if path.is_file() and _is_source(path)}
    troubles = [f"missing in the wheel: {name}" for name in sorted(there - names)]
    troubles += [f"not of the source, and in the wheel: {name}" for name in sorted(names - there)]
    Metadata.from_email(metadata, validate=True)
    if "readme" not in metadata.decode().lower() and not message_from_bytes(metadata).get_payload():
        troubles.append("the wheel has no description")
    return troubles


def sdist_troubles(sdist: Path) -> list[str]:
    """It must hold what a build needs."""
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    needed = ("pyproject.toml", "README.md", "LICENSE", "src/leadline/store/migrations/0001_spine.sql")
    return [f"missing in the sdist: {name}" for name in needed if name not in names]


def changelog_troubles(version: str) -> list[str]:
    """Its version is the latest one in the changelog, with a date."""
    headings = re.findall(r"^## \[(.+?)\](.*)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    released = [(name, rest) for name, rest in headings if name != "Unreleased"]
    if not released or released[0][0] != version:
        return [f"CHANGELOG.md does not begin with {version}"]
    return [] if re.fullmatch(r" - \d{4}-\d\d-\d\d", released[0][1]) else [f"CHANGELOG.md: {version} has no date"]


def _is_source(path: Path) -> bool:
    return "__pycache__" not in path.parts and path.suffix != ".pyc"


if __name__ == "__main__":
    main()

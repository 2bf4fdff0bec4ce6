"""`make sbom`: every package that is installed with Leadline as a CycloneDX list, with its version and hashes.

What is locked for some platforms only is in it too. Needs no network.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

ROOT = Path(__file__).parents[2]
PACKAGE = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(?P<version>[^\s;\\]+)")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def components(lock: str) -> Iterator[Component]:
    """One for each package; raises ValueError where a line of the lock is none that is understood."""
    for entry in re.split(r"\n(?=\S)", lock.strip()):
        found = PACKAGE.match(entry)
        if found is None:
            raise ValueError(f"This line of the lock names no package: {entry.splitlines()[0]}")
        name, version = found["name"], found["version"]
        purl = PackageURL("pypi", name=name.lower().replace("_", "-"), version=version)
        hashes = [HashType(alg=HashAlgorithm.SHA_256, content=digest) for digest in HASH.findall(entry)]
        yield Component(name=name, version=version, purl=purl, bom_ref=str(purl), hashes=hashes)


def bom() -> Bom:
    """The list for Leadline as `pyproject.toml` and the lock of what runs say."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    made = Bom(components=components((ROOT / "requirements-run.lock").read_text("utf-8")))
    made.metadata.component = Component(
        name=project["name"], version=project["version"], type=ComponentType.APPLICATION, bom_ref=project["name"]
    )
    made.register_dependency(made.metadata.component, made.components)
    return made


if __name__ == "__main__":
    to = Path(sys.argv[1])
    made = bom()
    to.write_text(JsonV1Dot6(made).output_as_string(indent=2) + "\n", "utf-8")
    sys.stdout.write(f"{len(made.components)} components are in {to}\n")

"""The image of deploy/Containerfile answers a signed webhook, on a read-only root and without rights.

Built and started by `image.py`, which does each step in a bare root; `test_podman.py` does so with an engine.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT, new_data_dir
from tests.deploy.image import Builder, Stage, instructions, started
from tests.deploy.installed import Installed, Place, signed_webhook

FILE = ROOT / "deploy/Containerfile"
PIP = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/wheels"}
USER = 65532
KEPT = "/var/lib/leadline"


@pytest.fixture(scope="module")
def image(bare: Path) -> Iterator[Stage]:
    with new_data_dir() as place:
        yield Builder(bare, ROOT, place, PIP).build(FILE)


@pytest.fixture
def volume() -> Iterator[Path]:
    """A new volume, which an engine gives to the owner of the folder that the image has there."""
    with new_data_dir() as place:
        os.chown(place, USER, USER)
        yield place


def settings_of(place: Place) -> dict[str, str]:
    given = {f"LEADLINE_{name.upper()}": value for name, value in place.answers.items()}
    return given | {"LEADLINE_SECRET_KEY": "4f9d2c7be18a60353c1b9e7a5d40f682"}


def answered(place: Place, address: str, inside: Installed) -> None:
    """The container does its work, says that it is healthy, and is backed up into its volume."""
    assert signed_webhook(address, "To a container") == 200
    assert place.has("To a container")
    assert inside.run("ready") == "Ready.\n"
    assert "Read back whole" in inside.run("backup", "--to", KEPT)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_it_answers_and_writes_only_its_volume(image: Stage, volume: Path) -> None:
    place = Place()
    with started(image, volume) as container:
        leadline = container(**settings_of(place))
        with place.served(leadline, container(LEADLINE_DATA_DIR=f"{KEPT}/sandbox")) as address:
            answered(place, address, leadline)
            assert leadline.run(*image.health[1:]) == "Ready.\n"
        assert {file.stat().st_uid for file in volume.iterdir()} == {USER}
        touch = ["chroot", str(image.root), "touch", "/opt/leadline/bin/leadline"]  # as root
        assert "Read-only file system" in subprocess.run(touch, capture_output=True, text=True, check=False).stderr


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_the_image_holds_leadline_and_no_tools_that_built_it(image: Stage) -> None:
    assert (image.entry, image.command, image.volumes) == (["leadline"], ["serve"], [KEPT])
    assert not (image.root / "source").exists()
    assert not (image.root / "build").exists()
    assert list(image.root.glob("opt/leadline/lib/*/site-packages/pytest")) == []


def test_only_what_the_image_copies_is_sent_to_the_engine() -> None:
    """`docker build` sends the whole folder otherwise: with `.venv` and `.git` that is gigabytes."""
    copies = [
        line.split()[1:-1] for line in instructions(FILE.read_text("utf-8")) if re.match(r"COPY (?!--from)", line)
    ]
    first, *allowed = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert first == "*"
    assert sorted(f"!{name}" for names in copies for name in names) == sorted(allowed[:-1])
    assert allowed[-1] == "**/__pycache__"


def test_an_instruction_is_one_line_whatever_its_breaks() -> None:
    assert [*instructions('# a\nFROM x AS y\nRUN a \\\n    && b\n\nCMD ["c"]\n')] == [
        "FROM x AS y",
        "RUN a && b",
        'CMD ["c"]',
    ]


def test_an_unknown_instruction_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "Containerfile"
    file.write_text("ONBUILD RUN true\n")
    with pytest.raises(ValueError, match="ONBUILD"):
        Builder(tmp_path, tmp_path, tmp_path, {}).build(file)

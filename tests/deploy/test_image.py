"""The image of deploy/Containerfile, built without an engine, answers a signed webhook on a read-only root."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT, new_data_dir
from tests.deploy.image import Builder, Stage, instructions, started
from tests.deploy.installed import Place, signed_webhook

PIP = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/wheels"}
USER = 65532


@pytest.fixture(scope="module")
def image(bare: Path) -> Iterator[Stage]:
    with new_data_dir() as place:
        yield Builder(bare, ROOT, place, PIP).build(ROOT / "deploy/Containerfile")


@pytest.fixture
def volume() -> Iterator[Path]:
    """A new volume, which an engine gives to the owner of the folder that the image has there."""
    with new_data_dir() as place:
        os.chown(place, USER, USER)
        yield place


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_container_answers_a_signed_webhook_and_writes_only_its_volume(image: Stage, volume: Path) -> None:
    place = Place()
    settings = {f"LEADLINE_{name.upper()}": value for name, value in place.answers.items()}
    secrets = {"LEADLINE_SECRET_KEY": "4f9d2c7be18a60353c1b9e7a5d40f682", "LEADLINE_DATABASE_URL": ""}
    with started(image, volume) as container:
        leadline = container(**settings, **secrets)
        sandbox = container(LEADLINE_DATA_DIR=f"{image.volumes[0]}/sandbox")
        with place.served(leadline, sandbox) as address:
            assert signed_webhook(address, "To a container") == 200
            assert place.has("To a container")
            assert leadline.run(*image.health[1:]) == "Ready.\n"
            assert json.loads(leadline.run("backup", "--to", image.volumes[0], "--json"))["rows"] > 0
        assert {file.stat().st_uid for file in volume.iterdir()} == {USER}
        denied = subprocess.run(
            ["chroot", f"--userspec={image.user}", image.root, "touch", "/opt/leadline/bin/leadline"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Read-only file system" in denied.stderr


@pytest.mark.long
def test_the_image_holds_leadline_and_no_tools_that_built_it(image: Stage) -> None:
    assert image.entry == ["leadline"]
    assert image.command == ["serve"]
    assert not (image.root / "source").exists()
    assert not (image.root / "build").exists()
    assert list(image.root.glob("opt/leadline/lib/*/site-packages/pytest")) == []


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

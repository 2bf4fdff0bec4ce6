"""`leadline init`: a settings file that Leadline reads and nobody else, and units that systemd takes."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from leadline.cli.init import QUESTIONS
from leadline.settings import Settings, load
from tests.nursery import command


def init(folder: Path, *arguments: str, stdin: str = "") -> tuple[int | None, str]:
    """`leadline init` in that folder, where no setting of this test run counts: its exit code, and what it said."""
    with command(None, "init", *arguments, stdin=stdin, folder=folder) as running:
        return running.ended(180), running.said()


def test_what_is_asked_ends_in_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    answers = ["nowhere", "https://leadline.example", "eu", "made-token", "made-client", "ie", ""]
    code, said = init(tmp_path, stdin="\n".join(answers) + "\n")
    assert code == 0, said
    assert "LEADLINE_PUBLIC_URL is not a web address" in said, "a wrong answer is asked for again"
    assert "made-token" not in said
    file = tmp_path / "leadline.toml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    settings = load({"LEADLINE_CONFIG": str(file)})
    assert (settings.public_url, settings.intercom_url) == ("https://leadline.example", "https://api.eu.intercom.io")
    assert (settings.intercom_token, settings.intercom_client_secret) == ("made-token", "made-client")
    assert (settings.default_region, settings.data_dir) == ("IE", str(tmp_path / "leadline-data"))
    assert len(settings.secret_key) == 64


def test_intercom_may_be_left_to_the_console(tmp_path: Path) -> None:
    code, said = init(tmp_path, stdin="\n".join(["https://leadline.example", "", "", "", "", ""]) + "\n")
    assert (code, "Still to be set" in said) == (0, False), said
    assert load({"LEADLINE_CONFIG": str(tmp_path / "leadline.toml")}).intercom_token == ""


def test_every_question_is_about_a_setting() -> None:
    assert {question.name for question in QUESTIONS} <= set(Settings.__struct_fields__)


def test_options_answer_and_what_is_left_open_is_told(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("made-token\n")
    _, said = init(tmp_path, "--yes", "--set", "intercom_token=@token", "--set", "port=9000")
    assert "Still to be set in it: public_url, intercom_client_secret" in said
    values = tomllib.loads((tmp_path / "leadline.toml").read_text())
    assert {name: values[name] for name in ("intercom_token", "port")} == {"intercom_token": "made-token", "port": 9000}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("publik_url=https://x.example", "publik_url is not a setting of Leadline. Did you mean public_url"),
        ("port", "--set takes NAME=VALUE, not 'port'"),
        ("port=many", "LEADLINE_PORT must be a whole number"),
        ("intercom_token=@nowhere", "nowhere cannot be read"),
    ],
)
def test_nonsense_is_refused_and_writes_nothing(tmp_path: Path, given: str, told: str) -> None:
    code, said = init(tmp_path, "--yes", "--set", given)
    assert (code, told in said) == (1, True), said
    assert list(tmp_path.iterdir()) == []


def test_a_settings_file_that_is_there_stays(tmp_path: Path) -> None:
    init(tmp_path, "--yes")
    before = (tmp_path / "leadline.toml").read_text()
    _, said = init(tmp_path, "--yes", "--set", "port=9000")
    assert "is there already, and stays as it is" in said
    assert (tmp_path / "leadline.toml").read_text() == before


def test_a_secret_on_the_command_line_is_remarked_on(tmp_path: Path) -> None:
    code, said = init(tmp_path, "--yes", "--set", "intercom_token=made-token")
    ways = "Next time give it as --set intercom_token=@file, or as --set intercom_token=- to be asked for it."
    assert (code, ways in said, "made-token" in said) == (0, True, False)


UNITS = ["leadline.service", "leadline-backup.service", "leadline-backup.timer"]


def test_a_server_gets_units_that_systemd_takes(tmp_path: Path) -> None:
    code, said = init(tmp_path, "--yes", "--system", "--root", str(tmp_path))
    assert code == 0, said
    file = tmp_path / "etc/leadline/leadline.toml"
    assert (stat.S_IMODE(file.stat().st_mode), tomllib.loads(file.read_text())["data_dir"]) == (
        0o600,
        "/var/lib/leadline",
    )
    units = tmp_path / "etc/systemd/system"
    assert sorted(each.name for each in units.iterdir()) == sorted(UNITS)
    assert f"ExecStart={sys.prefix}/bin/leadline serve" in (units / UNITS[0]).read_text()
    if shutil.which("systemd-analyze") is None:
        pytest.skip("needs systemd-analyze to check the units")
    verified = subprocess.run(
        ["systemd-analyze", "verify", *(str(units / name) for name in UNITS)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (verified.returncode, verified.stderr) == (0, "")


def test_the_service_is_fenced_in(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("needs systemd-analyze to rate the units")
    init(tmp_path, "--yes", "--system", "--root", str(tmp_path))
    for name in UNITS[:2]:
        rated = subprocess.run(
            ["systemd-analyze", "security", "--offline=true", "--threshold=20", tmp_path / "etc/systemd/system" / name],
            capture_output=True,
            text=True,
            check=False,
        )
        assert rated.returncode == 0, f"more exposed than 2.0: {rated.stdout.splitlines()[-1]}"


def test_user_and_folders_are_what_systemd_makes(tmp_path: Path) -> None:
    """systemd makes them below another root, as it would for an image."""
    if shutil.which("systemd-sysusers") is None or os.geteuid() != 0:
        pytest.skip("needs systemd-sysusers, and root")
    init(tmp_path, "--yes", "--system", "--root", str(tmp_path))
    subprocess.run(["systemd-sysusers", f"--root={tmp_path}"], check=True, capture_output=True)
    subprocess.run(["systemd-tmpfiles", "--create", f"--root={tmp_path}"], check=True, capture_output=True)
    [entry] = [line for line in (tmp_path / "etc/passwd").read_text().splitlines() if line.startswith("leadline:")]
    uid, file = int(entry.split(":")[2]), tmp_path / "etc/leadline/leadline.toml"
    assert (file.stat().st_uid, stat.S_IMODE(file.stat().st_mode)) == (uid, 0o600)
    for folder in ("var/lib/leadline", "var/lib/leadline/backups"):
        found = (tmp_path / folder).stat()
        assert (found.st_uid, stat.S_IMODE(found.st_mode)) == (uid, 0o700)

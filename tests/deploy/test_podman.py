"""deploy/compose.yaml and deploy/kubernetes really run, in podman: the first answers signed webhooks.

The compose file is run as it is, by the commands of docs/install.md. Of the manifests podman takes Deployments, and a
Job as the Pod it begins; Service, Ingress, NetworkPolicy and PodDisruptionBudget need a cluster and are only read, by
test_files.py.
"""

from __future__ import annotations

import base64
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT, new_data_dir
from tests.deploy.engine import Engine, until
from tests.deploy.installed import CHANNEL, TOKEN, address_in, commands, signed, texts_in
from tests.deploy.yard import WORLD, Yard, missing, yard

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]
SANDBOX = f"http://{WORLD}:8090"
PASSWORD = "as-openssl-would-make-it"
FILLED_IN = {
    "LEADLINE_PUBLIC_URL": "https://localhost",
    "LEADLINE_SECRET_KEY": "4f9d2c7be18a60353c1b9e7a5d40f682",
    "LEADLINE_INTERCOM_TOKEN": TOKEN,
    "LEADLINE_INTERCOM_CLIENT_SECRET": "sandbox-client-secret",
    "LEADLINE_INTERCOM_URL": SANDBOX,
    "LEADLINE_DATABASE_URL": f"postgresql://leadline:{PASSWORD}@database:5432/leadline",
}
SENT = ("LICENSE", "README.md", "pyproject.toml", "requirements-run.lock", "requirements.lock", ".dockerignore")
COMPOSE = "docker compose --env-file leadline.env -f deploy/compose.yaml"


@pytest.fixture(scope="module")
def machine() -> Iterator[Yard]:
    if why := missing():
        pytest.skip(why)
    with yard() as made:
        yield made


@pytest.fixture(scope="module")
def source() -> Iterator[Path]:
    """What an operator unpacked, with the files beside it that docs/install.md asks for."""
    with new_data_dir() as folder:
        for name in ("src", "deploy"):
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in SENT:
            shutil.copy(ROOT / name, folder)
        yield folder


@pytest.fixture(scope="module")
def engine(machine: Yard, source: Path, bare: Path) -> Iterator[Engine]:
    """The image is built, and the sandbox runs as its Intercom: beside all, as the internet is."""
    with new_data_dir() as folder:
        podman = Engine(machine, folder)
        podman.stand_in(bare)
        podman.typed(commands("files", Path("-")), source)
        _fill_in(source)
        podman.typed(f"{COMPOSE} build", source)
        what = f"localhost/leadline:0.2.0 sandbox --host {WORLD} --port 8090"
        podman.typed(f"podman run --detach --name=intercom --network=host --env=LEADLINE_DATA_DIR=/tmp/sandbox {what}")
        until(lambda: machine.asked(SANDBOX).status != 0, [lambda: podman.typed("podman logs intercom")])
        yield podman


def _fill_in(source: Path) -> None:
    """As somebody with an editor."""
    assert (source / "database_password").stat().st_mode & 0o777 == 0o600
    (source / "database_password").write_text(f"{PASSWORD}\n")
    file = source / "leadline.env"
    text = file.read_text("utf-8")
    for name, value in FILLED_IN.items():
        text, found = re.subn(rf"^{name}=.*$", f"{name}={value}", text, flags=re.MULTILINE)
        text += "" if found else f"{name}={value}\n"
    file.write_text(text)


def posted(machine: Yard, address: str, text: str, number: int) -> int:
    """The status of a signed webhook."""
    body, headers = signed(text, number)
    return machine.asked(address, body, [f"{name}: {value}" for name, value in headers.items()]).status


def times_in_intercom(machine: Yard, text: str) -> int:
    listed = machine.asked(f"{SANDBOX}/conversations?per_page=150", headers=[f"Authorization: Bearer {TOKEN}"])
    return texts_in(listed.body.encode()).count(text)


def test_the_compose_file_answers_signed_webhooks_by_two_doors(engine: Engine, machine: Yard, source: Path) -> None:
    def inside(command: str) -> str:
        return engine.typed(f"{COMPOSE} exec -T door leadline {command}", source)

    def logs() -> str:
        return engine.typed(f"{COMPOSE} logs", source, may_fail=True)

    def is_ready() -> bool:
        return machine.asked("https://localhost/readyz").status == 200

    engine.typed(commands("podman", Path("-")), source)
    until(is_ready, [logs])
    assert "settings" in engine.typed(commands("compose", Path("-")), source, may_fail=True), "doctor ran"
    until(is_ready, [logs])
    assert engine.running() == [
        "intercom",
        *(f"leadline_{name}_1" for name in ("database", "door-beside", "door", "proxy")),
        *(f"leadline_worker_{number}" for number in (1, 2)),
    ]
    address = address_in(inside(" ".join(CHANNEL)))
    assert address.startswith("https://localhost/in/")
    assert posted(machine, address, "To the compose file", 1) == 200
    until(lambda: times_in_intercom(machine, "To the compose file") == 1, [logs])
    for name in ("database", "door", "door-beside"):
        engine.typed(f"podman healthcheck run leadline_{name}_1")

    engine.typed("podman stop leadline_door_1")
    # Until the proxy notices it answers 502, and providers send again.
    until(lambda: posted(machine, address, "To the other door", 2) == 200, [logs])
    engine.typed(f"{COMPOSE} down", source)
    assert engine.running() == ["intercom"]

    again = [line for line in commands("podman", Path("-")).splitlines() if not line.endswith(" build")]
    engine.typed("\n".join(again), source)
    until(is_ready, [logs])
    assert "Orla" in inside("explain wamid.1"), "the message was kept"
    engine.typed(f"{COMPOSE} down", source)


def manifests() -> Iterator[dict[str, Any]]:
    """What podman takes of them.

    It publishes each port of a pod on the machine itself, where two pods cannot have the same one, so ports are left
    out: pods are asked at their own addresses.
    """
    folder = ROOT / "deploy/kubernetes"
    for name in yaml.safe_load((folder / "kustomization.yaml").read_text("utf-8"))["resources"]:
        for each in yaml.safe_load_all((folder / name).read_text("utf-8")):
            if each["kind"] not in {"Deployment", "Job"}:
                continue
            pod = each["spec"]["template"]["spec"]
            for container in pod["containers"]:
                [port] = [one["containerPort"] for one in container.pop("ports", [])] or [0]
                for probe in (value for key, value in container.items() if key.endswith("Probe")):
                    probe["httpGet"]["port"] = port
            is_job = each["kind"] == "Job"
            yield {"apiVersion": "v1", "kind": "Pod", "metadata": each["metadata"], "spec": pod} if is_job else each


def test_the_manifests_pods_bring_the_tables_up_to_date_and_run(engine: Engine, machine: Yard, tmp_path: Path) -> None:
    def logs() -> str:
        return engine.typed("for name in $(podman ps -aq); do podman logs $name; done", may_fail=True)

    settings = {name: base64.b64encode(value.encode()).decode() for name, value in FILLED_IN.items()}
    (tmp_path / "secret.json").write_text(json.dumps(settings))
    (tmp_path / "manifests.yaml").write_text(yaml.safe_dump_all(manifests()))
    given = "--env=POSTGRES_USER=leadline --env=POSTGRES_DB=leadline --env=POSTGRES_PASSWORD=" + PASSWORD
    engine.typed(f"podman secret create leadline {tmp_path}/secret.json\npodman network create leadline")
    engine.typed(f"podman run --detach --name=database --network=leadline {given} docker.io/library/postgres:18")
    ready = "podman exec database pg_isready --host=127.0.0.1 || true"
    until(lambda: "accepting" in engine.typed(ready), [logs])
    engine.typed(f"podman kube play --network=leadline {tmp_path}/manifests.yaml")
    # A door that is faster makes the tables, and then there is nothing to do for it.
    done = re.compile(r"steps made\.|Nothing to do")
    until(lambda: done.search(engine.typed("podman logs leadline-migrate-0-2-0-migrate")) is not None, [logs])
    kinds = (("console", 0), ("door", 0), ("door", 1), ("worker", 0), ("worker", 1))
    names = [f"leadline-{kind}-pod-{number}-{kind}" for kind, number in kinds]
    until(lambda: {*names} <= {*engine.running()}, [logs])

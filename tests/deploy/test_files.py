"""The files under deploy/: they parse, name only what is there, and keep to the rules that make a container safe."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import promql_parser
import pytest
import yaml
from typer.core import TyperGroup
from typer.main import get_command

from leadline.cli.commands import app
from leadline.settings import load
from tests.acceptance.conftest import Open
from tests.acceptance.conftest import open_town as open_town
from tests.acceptance.town import MEASURING, METRICS_TOKEN
from tests.conftest import ROOT

DEPLOY = ROOT / "deploy"
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
METRIC = re.compile(r"\bleadline_\w+")
SUFFIX = re.compile(r"_(bucket|sum|count|created)$")


def documents(*paths: Path) -> list[dict[str, Any]]:
    return [each for path in paths for each in yaml.safe_load_all(path.read_text("utf-8"))]


def expressions() -> set[str]:
    """Every PromQL expression of the dashboard and the alert rules."""
    dashboard = json.loads((DEPLOY / "grafana/leadline.json").read_text("utf-8"))
    [rules] = documents(DEPLOY / "prometheus/alerts.yaml")
    return {target["expr"] for panel in dashboard["panels"] for target in panel["targets"]} | {
        rule["expr"] for group in rules["groups"] for rule in group["rules"]
    }


async def test_dashboard_and_alerts_ask_for_what_leadline_measures(open_town: Open) -> None:
    async with (
        open_town(metrics_token=METRICS_TOKEN) as town,
        town.http.get(f"{town.places.leadline}/metrics", headers=MEASURING) as answer,
    ):
        exposed = set(re.findall(r"^# TYPE (\w+)", await answer.text(), re.MULTILINE))
    asked = {SUFFIX.sub("", name) for expression in expressions() for name in METRIC.findall(expression)}
    assert asked <= exposed


def test_the_dashboard_shows_everything_that_is_measured() -> None:
    dashboard = json.loads((DEPLOY / "grafana/leadline.json").read_text("utf-8"))
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    page = (ROOT / "docs/reference/metrics.md").read_text("utf-8")
    measured = set(re.findall(r"^\| `(leadline_\w+)` \|", page, re.MULTILINE))
    assert {SUFFIX.sub("", name) for expression in asked for name in METRIC.findall(expression)} == measured
    places = [panel["gridPos"] for panel in dashboard["panels"]]
    cells = [(x, y) for p in places for x in range(p["x"], p["x"] + p["w"]) for y in range(p["y"], p["y"] + p["h"])]
    assert len(cells) == len(set(cells)), "two panels lie on each other"


@pytest.mark.parametrize("expression", sorted(expressions()))
def test_prometheus_can_read_every_expression(expression: str) -> None:
    promql_parser.parse(expression)


def test_an_expression_that_prometheus_cannot_read_is_found() -> None:
    with pytest.raises(ValueError, match="parenthesis"):
        promql_parser.parse("max(leadline_messages")


def test_every_alert_says_what_to_do() -> None:
    [rules] = documents(DEPLOY / "prometheus/alerts.yaml")
    for rule in rules["groups"][0]["rules"]:
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"].keys() == {"summary", "description"}
        for command in re.findall(r"leadline (\w+)(?: (\w+))?", rule["annotations"]["description"]):
            assert is_command(*command), command


def is_command(name: str, verb: str = "") -> bool:
    """Whether `leadline name verb` exists; a word after a command without verbs is an argument."""
    top = get_command(app)
    assert isinstance(top, TyperGroup)
    found = top.commands.get(name)
    return found is not None and (not isinstance(found, TyperGroup) or verb in found.commands)


def test_the_image_runs_without_rights_and_from_the_lock_file() -> None:
    steps = [line.split(maxsplit=1) for line in _lines((DEPLOY / "Containerfile").read_text("utf-8"))]
    last = max(number for number, step in enumerate(steps) if step[0] == "FROM")
    final = {step[0]: step[1] for step in steps[last:]}
    assert last > 0, "what builds it is not in it"
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", final["USER"]), "a number, so that Kubernetes can see that it is not root"
    assert {"HEALTHCHECK", "STOPSIGNAL", "ENTRYPOINT", "VOLUME"} <= final.keys()
    assert "leadline" in json.loads(final["ENTRYPOINT"])
    assert any("--require-hashes -r requirements-run.lock" in step[1] for step in steps)
    assert not any(re.search(r":latest\b", step[1]) for step in steps if step[0] == "FROM")
    for step in steps:
        if step[0] == "COPY" and "--from" not in step[1]:
            assert all((ROOT / name).exists() for name in step[1].split()[:-1]), step


def _lines(text: str) -> list[str]:
    joined = re.sub(r"\\\n\s*", " ", text)
    return [line for line in joined.splitlines() if line and not line.startswith("#")]


def test_compose_runs_commands_that_exist_without_rights() -> None:
    [compose] = documents(DEPLOY / "compose.yaml")
    ours = {name: each for name, each in compose["services"].items() if each["image"].startswith("leadline")}
    assert set(ours) == {"door", "door-beside", "worker"}
    for service in ours.values():
        assert is_command(service["command"][0])
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
        assert service["security_opt"] == ["no-new-privileges:true"]
    for service in compose["services"].values():
        assert not service["image"].endswith(":latest")
        assert set(service.get("depends_on", ())) <= set(compose["services"])
    assert "env_file" not in compose["services"]["proxy"], "the proxy needs no secret of Leadline"


COMPOSE_SCHEMA = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]


def test_compose_is_what_the_compose_specification_describes(tmp_path: Path) -> None:
    checked = subprocess.run([*COMPOSE_SCHEMA, DEPLOY / "compose.yaml"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout
    wrong = tmp_path / "compose.yaml"
    wrong.write_text("services: {door: {image: leadline, read_onyl: true}}")
    assert subprocess.run([*COMPOSE_SCHEMA, wrong], capture_output=True, check=False).returncode == 1


def test_the_example_of_the_variables_names_settings() -> None:
    lines = [line for line in (DEPLOY / "leadline.env.example").read_text("utf-8").splitlines() if "=" in line]
    assert load(dict(line.split("=", 1) for line in lines)).public_url == "https://leadline.example.com"


KUBERNETES = "1.34"
RESOURCES = [each for each in documents(*MANIFESTS) if each["kind"] != "Kustomization"]


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda each: f"{each['kind']}-{each['metadata']['name']}")
def test_kubernetes_takes_every_manifest(resource: dict[str, Any]) -> None:
    kubernetes_validate.validate(resource, KUBERNETES, strict=True)


def test_a_field_that_kubernetes_does_not_know_is_found() -> None:
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(RESOURCES[0] | {"spce": {}}, KUBERNETES, strict=True)


def test_pods_keep_to_the_restricted_standard() -> None:
    """Kubernetes' Pod Security Standard "restricted" (kubernetes.io, November 2026), which the namespace enforces."""
    found = documents(*MANIFESTS)
    pods = [each["spec"]["template"]["spec"] for each in found if each["kind"] in {"Deployment", "Job"}]
    assert len(pods) == 4
    for pod in pods:
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        for container in pod["containers"]:
            context = container["securityContext"]
            assert (context["allowPrivilegeEscalation"], context["capabilities"]) == (False, {"drop": ["ALL"]})
            assert context["readOnlyRootFilesystem"] is True
            assert "memory" in container["resources"]["limits"]
            assert is_command(container["args"][0])


def test_manifests_fit_together() -> None:
    [kustomization] = [each for each in documents(*MANIFESTS) if each["kind"] == "Kustomization"]
    assert sorted(kustomization["resources"]) == sorted(p.name for p in MANIFESTS if p.name != "kustomization.yaml")
    found = [each for each in documents(*MANIFESTS) if each["kind"] != "Kustomization"]
    labels = [e["spec"]["template"]["metadata"]["labels"] for e in found if e["kind"] == "Deployment"]
    services = {each["metadata"]["name"]: each["spec"] for each in found if each["kind"] == "Service"}
    for deployment in (each for each in found if each["kind"] == "Deployment"):
        selector = deployment["spec"]["selector"]["matchLabels"]
        assert selector.items() <= deployment["spec"]["template"]["metadata"]["labels"].items()
    for service in services.values():
        assert any(service["selector"].items() <= each.items() for each in labels)
    [ingress] = [each for each in found if each["kind"] == "Ingress"]
    paths = ingress["spec"]["rules"][0]["http"]["paths"]
    assert {path["backend"]["service"]["name"] for path in paths} <= set(services)
    assert {"/console", "/_nicegui", "/"} <= {path["path"] for path in paths}


@pytest.mark.skipif(shutil.which("nginx") is None, reason="needs nginx to check its configuration")
def test_nginx_takes_its_configuration(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subject = ["-subj", "/CN=leadline.example.com", "-days", "1"]
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *subject]
    subprocess.run([*make, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    text = (DEPLOY / "nginx.conf").read_text("utf-8")
    text = re.sub(r"(ssl_certificate) \S+;", rf"\1 {certificate};", text)
    text = re.sub(r"(ssl_certificate_key) \S+;", rf"\1 {key};", text)
    main = tmp_path / "nginx.conf"
    main.write_text(f"pid {tmp_path}/pid;\nerror_log {tmp_path}/log;\nevents {{}}\nhttp {{\n{text}\n}}\n")
    checked = subprocess.run(["nginx", "-t", "-c", main], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.skipif(shutil.which("caddy") is None, reason="needs Caddy to check its configuration")
def test_caddy_takes_its_configuration(tmp_path: Path) -> None:
    checked = subprocess.run(
        ["caddy", "validate", "--adapter", "caddyfile", "--config", DEPLOY / "Caddyfile"],
        env={"LEADLINE_PUBLIC_URL": "https://leadline.example.com", "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr

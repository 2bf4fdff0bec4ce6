"""Every program that a page shows in a shell: what a line names (a unit, a service, a file, a target) is there.

Blocks that are marked `run:` are also run, by `tests/deploy`; those of the quick start and the API by their own tests.
`NOT_RUN` says why the others are not.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from leadline import __version__
from leadline.api.endpoint import PREFIX
from leadline.channels import CHANNELS
from leadline.cli.units import Program, files_of
from tests.api_page import API_ENDPOINTS
from tests.conftest import ROOT
from tests.test_docs import PAGES
from tests.test_docs_commands import complaint

BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
MARKED = re.compile(r"<!-- run: (\w+) -->\n```sh\n.*?^```", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"^    ((?:leadline|python3) .*)$", re.MULTILINE)
HEREDOC = re.compile(r"<<(\w+)\n.*?^\1$", re.MULTILINE | re.DOTALL)
SET = re.compile(r"[A-Z_]+=|\$$")
VERBS = {"build": set[str](), "up": {"-d", "--build", "--wait"}, "exec": {"-T"}}
"""What the pages let compose do, and its options."""
LOOP = {"until", "do", "done"}
Words = list[str]


def shell_lines(text: str) -> Iterator[Words]:
    """Every command of a page's shell blocks, in words; what stands in front of the program is left out."""
    for block in [*BLOCK.findall(text), *INDENTED.findall(text)]:
        for line in HEREDOC.sub("", block).replace("\\\n", " ").splitlines():
            yield from filter(None, map(_program, _commands(line)))


def _commands(line: str) -> Iterator[Words]:
    words: Words = []
    split = shlex.shlex(line, posix=True, punctuation_chars=True)
    split.whitespace_split = True
    for word in split:
        if set(word) <= set("|;&()"):
            yield words
            words = []
        else:
            words.append(word)
    yield words


def _program(words: Words) -> Words:
    """The words from the program's name on."""
    while words and (SET.match(words[0]) or words[0] in LOOP or words[:2] == ["sudo", "-u"]):
        words = words[3 if words[0] == "sudo" else 1 :]
    return words


def _leadline(words: Words) -> str:
    if words[1:3] == ["channel", "add"] and words[3] not in CHANNELS and words[3] != "acme":
        return f"{words[3]} is no provider"
    return complaint(" ".join(words[1:]))


def _systemctl(words: Words) -> str:
    """Run by tests/deploy/test_bare_root.py, as far as it goes without systemd; test_init.py has the units verified."""
    verb, *named = [word for word in words[1:] if not word.startswith("-")]
    units = {path.name for path in files_of(Program("/opt/leadline", Path("/var/lib/leadline"), Path("/etc/x")))}
    unknown = [unit for unit in named if unit not in units and f"{unit}.service" not in units]
    if verb not in {"daemon-reload", "enable", "restart", "start", "stop", "status", "edit"}:
        return f"systemctl {verb}?"
    return f"{unknown[0]} is no unit of leadline init" if unknown else ""


def _podman_compose(words: Words) -> str:
    return _docker(["docker", "compose", *words[1:]])


def _docker(words: Words) -> str:
    verb = next((word for word in words[2:] if word in VERBS), "")
    options = dict(pairwise(words[2:]))
    services = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text("utf-8"))["services"]
    if words[1] != "compose" or not verb or options.get("-f") != "deploy/compose.yaml":
        return f"not understood: {' '.join(words)}"
    if options.get("--env-file") != "leadline.env":
        return "compose.yaml reads leadline.env"
    rest = words[words.index(verb) + 1 :]
    named = [word for word in rest if word not in VERBS[verb]]
    if verb != "exec":
        return "".join(word for word in named if word not in services)
    if named[0] not in services:
        return f"{named[0]} is no service"
    return _leadline(named[1:]) if named[1] == "leadline" else ""


def _kubectl(words: Words) -> str:
    """There is no cluster where this runs: names are compared with the manifests, which `kubectl` itself builds."""
    texts = [path.read_text("utf-8") for path in (ROOT / "deploy/kubernetes").glob("*.yaml")]
    found = [each for text in texts for each in yaml.safe_load_all(text)]
    names = {(each["kind"], each["metadata"]["name"]) for each in found if "metadata" in each}
    secrets = set(re.findall(r"secretRef: {name: (\S+)}", (ROOT / "deploy/kubernetes/door.yaml").read_text("utf-8")))
    match words[1:]:
        case ["create", "namespace", name]:
            return _client(words) if ("Namespace", name) in names else f"{name} is no namespace"
        case ["create", "secret", "generic", name, "--namespace", space, "--from-env-file=leadline.env"]:
            known = name in secrets and ("Namespace", space) in names
            return _client(words) if known else f"{name} is no secret of a manifest"
        case ["apply", "-k", folder] if (ROOT / folder / "kustomization.yaml").exists():
            return _client(["kubectl", "kustomize", folder])
    return f"not understood: {' '.join(words)}"


def _client(words: Words) -> str:
    """What kubectl says against a line where it only makes what it would send; empty where there is no kubectl."""
    if shutil.which("kubectl") is None:
        return ""
    example = [word.replace("=leadline.env", "=deploy/leadline.env.example") for word in words]
    alone = ["--dry-run=client", "--output=yaml"] if words[1] == "create" else []
    return subprocess.run([*example, *alone], cwd=ROOT, capture_output=True, text=True, check=False).stderr


def _make(words: Words) -> str:
    targets = re.findall(r"^([a-z][\w-]*):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    return "" if words[1] in targets else f"make {words[1]}?"


def _python(words: Words) -> str:
    if words[1] == "-c":
        return subprocess.run([sys.executable, *words[1:]], capture_output=True, text=True, check=False).stderr
    if words[1:3] == ["-m", "venv"] or words[1:3] == ["-m", "pytest"]:
        return ""
    return "" if (ROOT / f"{words[2].replace('.', '/')}.py").exists() else f"{words[2]} is no module"


def _pip(words: Words) -> str:
    """pip, pipx and uv: the wheel is of this version, its extras exist, and a file of requirements is there."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    text = " ".join(words)
    extras = re.findall(r"\[(\w+)\]", text)
    versions = re.findall(r"leadline-([\d.]+)-py3", text)
    files = [after for before, after in pairwise(words) if before == "-r"]
    wrong = [extra for extra in extras if extra not in project["optional-dependencies"]]
    wrong += [version for version in versions if version != __version__]
    wrong += [file for file in files if not (ROOT / file).exists()]
    return f"{wrong[0]} is not there" if wrong else ""


def _curl(words: Words) -> str:
    """Of the API: the endpoint exists. `$URL` is posted to by the test of the quick start; a provider is not ours."""
    [place] = [word for word in words[1:] if word.startswith(("$", "http"))][:1]
    if not place.startswith("$API"):
        return "" if place == "$URL" or not place.startswith("https://leadline") else f"{place}?"
    path = place.removeprefix("$API").partition("?")[0]
    return "" if path in {each.path for each in API_ENDPOINTS} else f"{PREFIX}{path} is no endpoint"


def _copy(words: Words) -> str:
    return "" if (ROOT / words[1]).exists() else f"{words[1]} is not there"


def _nothing(words: Words) -> str:
    """Names nothing of Leadline's."""
    return ""


CHECKS: dict[str, Callable[[Words], str]] = {
    "leadline": _leadline,
    "systemctl": _systemctl,
    "docker": _docker,
    "podman-compose": _podman_compose,
    "kubectl": _kubectl,
    "make": _make,
    "python": _python,
    "python3": _python,
    "pip": _pip,
    "pipx": _pip,
    "uv": _pip,
    "curl": _curl,
    "cp": _copy,
    "systemd-sysusers": _nothing,  # run by tests/deploy/test_bare_root.py, like what stands around it
    "systemd-tmpfiles": _nothing,
    "ln": _nothing,
    "chmod": _nothing,
    "umask": _nothing,
    "export": _nothing,
    "cat": _nothing,
    "openssl": _nothing,
    "tee": _nothing,
    "sed": _nothing,
    "sleep": _nothing,
}
"""Program → what is wrong with a line of it. A program that is not here fails the test: then it has no check yet."""


NOT_RUN = {
    "kubectl": "needs a cluster; here its client makes and reads what it would send, and podman runs the pods",
    "leadline": "each needs a channel, a message or a merge: tests/cli runs the commands where there is one",
    "make": ".ci/run runs demo and check, which has lint and test in it; words rewrites the catalogues",
    "pip": "packages for one comparison, which takes an hour",
    "python": "benchmarks take minutes; pytest is what runs this",
    "curl": "asks a provider to send its webhooks here",
}
"""Programs whose lines in the pages no test runs as they stand, and why. All other lines are run."""
RUN_WHOLE = ("quickstart.md", "use-the-api.md")  # by test_docs_commands.py and tests/api


def test_every_line_is_run_or_it_is_told_why_not() -> None:
    texts = [MARKED.sub("", page.read_text("utf-8")) for page in PAGES if page.name not in RUN_WHOLE]
    lines = [words for text in texts for words in shell_lines(text) if words[1] != "-c"]  # those are run, too
    assert {Path(words[0]).name for words in lines} == NOT_RUN.keys()


def test_every_block_that_is_marked_is_run() -> None:
    marks = {mark for page in PAGES for mark in MARKED.findall(page.read_text("utf-8"))}
    run = "".join(path.read_text("utf-8") for path in (ROOT / "tests/deploy").glob("test_*.py"))
    assert {mark for mark in marks if f'"{mark}"' not in run} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_shell_line_names_is_there(page: Path) -> None:
    wrong: dict[str, Any] = {}
    for words in shell_lines(page.read_text("utf-8")):
        check = CHECKS.get(Path(words[0]).name)
        if trouble := check(words) if check else "no check of this program":
            wrong[" ".join(words)] = trouble
    assert wrong == {}


@pytest.mark.parametrize(
    "line",
    [
        "systemctl restart leadlin",
        "docker compose --env-file leadline.env -f deploy/compose.yaml exec dor leadline doctor",
        "docker compose --env-file leadline.env -f deploy/compose.yaml exec door leadline doktor",
        "docker compose --env-file leadline.env -f deploy/compose.yaml up -d --biuld",
        "kubectl create namespace leadlin",
        "kubectl apply -k deploy/kubernets",
        "make tset",
        "python -m benchmarks.dor.run",
        "pip install './leadline-0.0.1-py3-none-any.whl[console]'",
        "pipx install 'leadline[cosnole]'",
        'curl "$API/mesages"',
        "cp deploy/leadline.env leadline.env",
        "leadline channel add twilio_smss",
    ],
)
def test_a_wrong_line_is_found(line: str) -> None:
    """The test above would notice."""
    words = shlex.split(line)
    assert CHECKS[words[0]](words) != ""

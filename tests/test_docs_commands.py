"""Every command that a page shows exists with these options, and the quick start does what it says when it is typed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperGroup

from leadline.cli.commands import app as cli
from leadline.cli.lazy import Deferred
from tests.conftest import ROOT
from tests.deploy.installed import answers, free_port
from tests.test_docs import PAGES

FENCED = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`((?:\.venv/bin/)?leadline [^`\n]+)`")
OPTIONAL = re.compile(r"\[.*?\]|<[^>]*>|…|\.\.\.")
TYPED = re.compile(r"^(?:\w+=\S+ )*(?:sudo -u leadline |docker compose .* exec door )?(?:[\w./]*bin/)?leadline (\S.*)$")


def shown(page: Path) -> Iterator[str]:
    """Every `leadline …` command of a page: of its blocks, and in its text."""
    text = page.read_text("utf-8")
    for block in FENCED.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            if found := TYPED.match(re.sub(r"\s#.*$", "", line)):
                yield found[1]
    yield from (each.partition("leadline ")[2] for each in INLINE.findall(text))


@cache
def every_command() -> Any:
    return typer.main.get_command(cli)


def complaint(line: str) -> str:
    """What the command line says against a command; empty where it takes it."""
    words = line.partition(" | ")[0].partition(" > ")[0].split()
    group = every_command()
    while words and isinstance(group, TyperGroup):
        found = group.commands.get(words[0].strip(",.;"))
        if found is None:
            return "" if words[0].startswith("-") else f"{words[0]} is no command"
        group, words = found, words[1:]
    if not isinstance(group, Deferred):
        return ""
    given = [word for word in words if word.startswith("--")]
    known = {option for each in group.loaded().params for option in (*each.opts, *each.secondary_opts)} | {"--help"}
    unknown = [word for word in given if word.partition("=")[0] not in known]
    return f"{unknown[0]} is no option" if unknown else ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_that_is_shown_exists(page: Path) -> None:
    if page.name == "CHANGELOG.md":
        return  # it also names what is gone
    wrong = {line: why for line in shown(page) if not OPTIONAL.match(line) and (why := complaint(line))}
    assert wrong == {}


def blocks(heading: str) -> list[str]:
    """The shell blocks under a heading of the quick start."""
    text = (ROOT / "docs/quickstart.md").read_text("utf-8")
    section = text.partition(f"## {heading}")[2].partition("\n## ")[0]
    return FENCED.findall(section)


@contextmanager
def typed(script: str, folder: Path, environ: dict[str, str], url: str) -> Iterator[Path]:
    """A terminal in which a block was typed whose last command serves, once `url` answers; yields what it prints."""
    said = folder / f"said-{free_port()}"
    with said.open("w") as file:
        running = subprocess.Popen(
            ["bash", "-euc", script], cwd=folder, env=environ, stdout=file, stderr=file, start_new_session=True
        )
        try:
            end = time.monotonic() + 150
            while not answers(url):
                assert running.poll() is None, said.read_text()
                assert time.monotonic() < end, said.read_text()
                time.sleep(0.1)
            yield said
        finally:
            os.killpg(running.pid, signal.SIGINT)
            running.wait(60)


@pytest.mark.long
def test_the_quick_start_does_what_it_says(data_dir: Path) -> None:
    door, workspace = free_port(), free_port()
    link = data_dir / ".venv/bin"
    link.mkdir(parents=True)
    (link / "leadline").symlink_to(Path(sys.executable).parent / "leadline")
    environ = {name: value for name, value in os.environ.items() if not name.startswith("LEADLINE_")}

    def here(script: str) -> str:
        moved = script.replace("8080", str(door)).replace("8090", str(workspace))
        return moved.replace("leadline sandbox", f"leadline sandbox --port {workspace}").replace(
            "leadline serve", f"leadline serve --port {door}"
        )

    [sandbox] = blocks("1. A workspace")
    [leadline] = blocks("2. Leadline")
    [message] = blocks("3. A message")
    [questions] = blocks("4. Who was it")
    exports = "\n".join(line for line in leadline.splitlines() if line.startswith("export"))
    with (
        typed(here(sandbox), data_dir, environ, f"http://127.0.0.1:{workspace}/me"),
        typed(here(leadline), data_dir, environ, f"http://127.0.0.1:{door}/readyz") as said,
    ):
        [address] = re.findall(r"Webhook address: (\S+)", said.read_text())
        post = re.sub(r"^URL=\S+.*$", f"URL={address}", message, flags=re.MULTILINE)
        for _ in range(2):  # "Send it again: 200 again, and nothing changes"
            done = ran(post, data_dir, environ)
            assert re.search(r"HTTP/1.1 200", done.stdout), done.stdout + done.stderr
        end = time.monotonic() + 150
        ask = here(f"{exports}\n.venv/bin/leadline explain wamid.1 --json")
        while '"state":"done"' not in (story := ran(ask, data_dir, environ)).stdout:
            assert time.monotonic() < end, story.stdout + story.stderr
            time.sleep(0.5)
        asked = ran(here(f"{exports}\nset +e\n{questions}"), data_dir, environ)
        assert "New lead" in asked.stdout
        assert "Nothing is parked" in asked.stdout
        assert "WRONG" in asked.stdout, "Meta does not take a made-up token"


def ran(script: str, folder: Path, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", script], cwd=folder, env=environ, capture_output=True, text=True, timeout=120, check=False
    )


def test_a_wrong_command_is_found() -> None:
    """The test above would notice."""
    assert complaint("channel ad twilio_sms") == "ad is no command"
    assert complaint("backup --too folder") == "--too is no option"
    assert complaint("channel add twilio_sms --name SMS") == ""

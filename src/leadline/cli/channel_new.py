"""`leadline channel new <name>`: the files of a new channel, registered and ready to be changed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from leadline.channels import CHANNELS
from leadline.cli import skeleton, skeleton_tests
from leadline.cli.console import out
from leadline.errors import SettingError


def new(
    name: Annotated[str, typer.Argument(help="What people call it, for example Acme")],
    folder: Annotated[Path, typer.Option(help="Root of Leadline's source code")] = Path(),
) -> None:
    """Write the source files of a new channel.

    Writes the adapter, sample payloads, a stand-in, a page and the registry lines. They work as written.
    """
    key = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    class_name = "".join(word.capitalize() for word in key.split("_"))
    if not key or not key[0].isalpha():
        raise SettingError(f"'{name}' makes no key: begin it with a letter, and use letters and digits")
    if not (folder / "src/leadline/channels/__init__.py").exists():
        raise SettingError(f"{folder.resolve()} is not Leadline's source code: go there, or name it with --folder")
    files = written(key, class_name, name)
    if key in CHANNELS or any((folder / path).exists() for path in files):
        raise SettingError(f"There is a channel '{key}' already")
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
        out.print(f"wrote {path}")
    for path in registered(folder, key, class_name):
        out.print(f"changed {path}")
    out.print(
        "Now change what the provider does otherwise; ADDING_A_CHANNEL.md says how. To see it pass:", markup=False
    )
    out.print("LEADLINE_TEST_WRITE_DOCS=1 .venv/bin/python -m pytest tests/channels tests/test_docs.py")


def written(key: str, class_name: str, name: str) -> dict[str, str]:
    """The texts of the new files by their path."""
    texts = {
        f"src/leadline/channels/{key}/__init__.py": skeleton.FOLDER,
        f"src/leadline/channels/{key}/adapter.py": skeleton.ADAPTER,
        f"src/leadline/sandbox/providers/{key}/__init__.py": skeleton.STAND_IN,
        f"src/leadline/sandbox/providers/{key}/fake.py": skeleton.FAKE,
        f"docs/channels/{key}.md": skeleton_tests.PAGE,
    }
    texts |= {f"tests/channels/{key}/{file}": text for file, text in skeleton_tests.TESTS.items()}
    texts |= {f"tests/channels/{key}/payloads/{file}": text for file, text in skeleton_tests.PAYLOADS.items()}
    return {
        path: text.replace("CLASS", class_name).replace("KEY", key).replace("NAME", name)
        for path, text in texts.items()
    }


def registered(folder: Path, key: str, class_name: str) -> list[str]:
    """Add a channel and its stand-in to the registries; returns their paths."""
    channels, fakes = "src/leadline/channels/__init__.py", "src/leadline/sandbox/providers/__init__.py"
    _add(folder / channels, "PLACES ", f'    "{key}": ("tel", "{key}.adapter:{class_name}"),\n')
    fake = f"{class_name}Fake"
    _import(folder / fakes, "leadline.sandbox.providers", f"{key}.fake", fake)
    _add(folder / fakes, "FAKES: ", f"    {fake}.key: {fake},\n")
    return [channels, fakes]


def _import(path: Path, package: str, module: str, name: str) -> None:
    imported = f"from {package}.{module} import {name}\n"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    mine = [number for number, each in enumerate(lines) if each.startswith(f"from {package}.")]
    later = (number for number in mine if lines[number].split()[1] > f"{package}.{module}")
    lines.insert(next(later, mine[-1] + 1), imported)
    path.write_text("".join(lines), "utf-8")


def _add(path: Path, table: str, line: str) -> None:
    text = path.read_text("utf-8")
    start = text.index(f"\n{table}")
    end = text.index("\n}", start) + 1
    path.write_text(text[:end] + line + text[end:], "utf-8")

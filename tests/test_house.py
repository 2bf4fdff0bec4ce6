"""How the house is kept: what stands at the top, how large a file gets, what a constructor takes, whom docstrings name.

Which wing may import which is checked by import-linter (`pyproject.toml`).
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HOUSE = ROOT / "src/leadline"
SOURCES = sorted(HOUSE.rglob("*.py"))
LONGEST = 400  # lines
MOST = 7  # arguments of a constructor; what belongs together goes into a record


def test_only_what_belongs_to_every_wing_stands_at_the_top() -> None:
    found = {path.name for path in HOUSE.iterdir() if path.is_file()}
    assert found == {
        "__init__.py", "__main__.py", "app.py", "errors.py", "media.py", "process.py", "tracing.py",
        "web.py",
    }, "put it into a wing"  # fmt: skip


@pytest.mark.parametrize("folder", ["src", "tests", "benchmarks"])
def test_no_file_is_too_long(folder: str) -> None:
    lengths = {str(path): path.read_text("utf-8").count("\n") for path in (ROOT / folder).rglob("*.py")}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST} == {}


def test_no_constructor_takes_too_many_arguments() -> None:
    wrong = []
    for path in SOURCES:
        for node in _nodes(path):
            if isinstance(node, ast.FunctionDef) and node.name == "__init__":
                count = len(node.args.args) - 1 + len(node.args.kwonlyargs)
                wrong += [f"{path}:{node.lineno} takes {count}"] if count > MOST else []
    assert wrong == []


def test_files_that_docstrings_name_exist() -> None:
    """`receive.py` stands beside the file that names it, `inbound/receive.py` below src/leadline."""
    wrong = [
        (str(path.relative_to(HOUSE)), name)
        for path in SOURCES
        for name in re.findall(r"(?<![\w./])((?:\w+/)*\w+\.py)\b", _docstrings(path))
        if not any((folder / name).exists() for folder in (path.parent, HOUSE, ROOT))
    ]
    assert wrong == []


def _docstrings(path: Path) -> str:
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return "\n".join(ast.get_docstring(node) or "" for node in _nodes(path) if isinstance(node, kinds))


@cache
def _nodes(path: Path) -> list[ast.AST]:
    return [*ast.walk(ast.parse(path.read_text("utf-8")))]

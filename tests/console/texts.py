"""Finds the texts of the console's code that people read and that no catalogue knows. `test_language.py` asks.

A text is a literal with words in it, or with a single one at a place that is shown. What stands at a place for codes
(addresses, styles, names that tests find an element by) is none.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

WRAPPED = {"_": 1, "marked": 1, "forms": 2, "plural": 2}
"""Functions whose first arguments are texts that the catalogues know."""
SHOWN = {
    *(("text", 0), ("outside", 0), ("link", 0), ("say", 0), ("notify", 0), ("_fact", 0), ("_legend", 0), ("_tile", 1)),
    *(("button", 1), ("button", "ask"), ("plain_button", 0), ("copied", 1), ("_draw_check", 0), ("_draw_topics", 0)),
    *(("Column", 0), ("Section", 0), ("Table", "title"), ("Table", "empty"), ("Cut", 1), ("Page", 1), ("Page", "menu")),
    *(("Entry", 0), ("Entry", "hint"), ("Pick", 0), ("Search", 1), ("Search", 2), ("Choice", 1), ("Choice", "every")),
}
"""Function or class, and the argument of it that people read, however short it is."""
CODES = {
    *(("box", 0), ("box", 1), ("text", 1), ("plain_button", "kind"), ("button", 2), ("Page", 0), ("Page", 2)),
    *(("Search", 0), ("Choice", 0), ("Column", 2), ("classes", 0), ("style", 0), ("compile", 0), ("run_javascript", 0)),
    *(("warning", 0), ("add_head_html", 0), ("cast", 0), ("removeprefix", 0), ("TypeVar", 0), ("Right", 1)),
}
NAMES = {"testid", "classes", "state", "kind", "key", "keys", "row", "right", "type", "name"}
"""Arguments by name that are codes wherever they stand."""
_WORDS = re.compile(r"[A-Za-z]{2,}[,.:;?!…]? +[A-Za-z{]|[A-Z][a-z]+[.…]?$|[a-z]{2,}[.?!:] ?$")
_CODE = re.compile(r"ll-|^[ /<&?#.-]|^\w+=|=\"")


class Texts(ast.NodeVisitor):
    """Those of one file; `found` has line and text of each."""

    def __init__(self) -> None:
        self.found: list[tuple[int, str]] = []

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # what says what a name is
            self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = _name(node.func)
        self.visit(node.func)
        places: list[tuple[int | str | None, ast.expr]] = [*enumerate(node.args)]
        for place, value in places + [(each.arg, each.value) for each in node.keywords]:
            if isinstance(place, int) and place < WRAPPED.get(name, 0):
                continue
            if (name, place) in SHOWN:
                self._shown(value)
            elif (name, place) not in CODES and place not in NAMES:
                self.visit(value)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str) and _is_read(node.value):
            self.found.append((node.lineno, node.value))

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        written = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        if _is_read(written):
            self.found.append((node.lineno, written))
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                self.visit(part.value)

    def visit_Dict(self, node: ast.Dict) -> None:
        for value in node.values:
            self.visit(value)

    def visit_Compare(self, node: ast.Compare) -> None:
        """Only codes are compared."""

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self.visit(node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value:
            self.visit(node.value)

    def visit_Assign(self, node: ast.Assign) -> None:
        if [_name(target) for target in node.targets] != ["__all__"]:
            self.visit(node.value)

    def visit_arg(self, node: ast.arg) -> None:
        """What is annotated with a text is a type."""

    def _shown(self, node: ast.expr) -> None:
        """A value that is shown as it is, or one of several."""
        if isinstance(node, ast.IfExp):
            self._shown(node.body)
            self._shown(node.orelse)
        elif isinstance(node, ast.BoolOp):
            for value in node.values:
                self._shown(value)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and re.search("[A-Za-z]{2}", node.value):
            self.found.append((node.lineno, node.value))
        else:
            self.visit(node)


def unwrapped(folder: Path) -> Iterator[tuple[str, int, str]]:
    """File, line and text of everything below a folder that people read and no catalogue knows."""
    for path in sorted(folder.rglob("*.py")):
        texts = Texts()
        texts.visit(ast.parse(path.read_text("utf-8")))
        yield from ((str(path.relative_to(folder)), *each) for each in texts.found)


def _is_read(text: str) -> bool:
    return bool(_WORDS.search(text)) and not _CODE.search(text)


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""

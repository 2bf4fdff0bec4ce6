"""The sentences that a module composes, as templates: what it fills in stands in braces. `words.py` collects them.

Other wings write plain English and know nothing of languages. What they say is read here from their code, so that a
sentence that was changed there is missed in the catalogues at once.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from itertools import product

MOST = 32  # templates that the branches of one text may make
_BRACES = re.compile(r"{(\w*)}")
_BEFORE = re.compile(r"^(?:{\w+} (?=[A-Z`])|[;,.]? +)")
_CODE = re.compile(r"[{}\n]|\bwhere\b.*=|^\W*select ")  # braces that are written, markup, SQL
_AFTER = re.compile(r"(?:(?<=[.!?]) ?{\w+}| +)$")
_WORDS = re.compile(r"[^\W\d_]{2,}")


def sentences(source: str, functions: Sequence[str] = ()) -> list[str | tuple[str, str]]:
    """Every text of several words in a module; of these functions and tables alone, where any are named.

    Texts for logs and docstrings are left out. A pair is the two forms of a number: "{count} reply", "{count} replies".
    Raises KeyError where one that is named has moved.
    """
    tree = ast.parse(source)
    roots = [node for node in ast.walk(tree) if _name(node) in functions] if functions else [tree]
    if missing := {*functions} - {*map(_name, roots)} - {""}:
        raise KeyError(f"no longer there: {', '.join(sorted(missing))}")
    found = _Texts()
    for root in roots:
        found.visit(root)
    return list(dict.fromkeys(found.texts))


class _Texts(ast.NodeVisitor):
    """Goes through the code; a text that is composed of others is one."""

    def __init__(self) -> None:
        self.texts: list[str | tuple[str, str]] = []

    def visit(self, node: ast.AST) -> None:
        if isinstance(node, ast.expr) and _is_text(node):
            self.texts += [each for each in map(_whole, _templates(node)) if _is_sentence(each)]
            for inner in _filled(node):
                if inner is not node:
                    self.visit(inner)
            return
        counted = list(_counted(node))
        self.texts += counted
        for child in () if counted else _read(node):
            self.visit(child)


def _read(node: ast.AST) -> Iterator[ast.AST]:
    """What of it may be for people: no docstring, nothing for a log, no annotation, no class's options."""
    skipped: list[ast.AST | None] = []
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        skipped = [node.returns, node.args]
    if isinstance(node, ast.AnnAssign):
        skipped = [node.annotation]
    for child in ast.iter_child_nodes(node):
        docs = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
        if not docs and child not in skipped and not _is_log(child):
            yield child


def _is_log(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "log"
    )


def _name(node: ast.AST) -> str:
    """Of a function, or of a table."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return node.name
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return next((one.id for one in targets if isinstance(one, ast.Name)), "")


def _is_text(node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=str()) | ast.JoinedStr():
            return True
        case ast.BinOp(op=ast.Add()):
            return _is_text(node.left) or _is_text(node.right)
        case _:
            return False


def _templates(node: ast.expr) -> list[str]:
    """All that the text can be; where it depends on a condition, one for each way."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr():
            return _together(_templates(each) for each in node.values)
        case ast.FormattedValue(value=ast.IfExp() as chosen) | (ast.IfExp() as chosen) if _is_choice(chosen):
            return [*_templates(chosen.body), *_templates(chosen.orelse)]
        case ast.FormattedValue():
            return [f"{{{_called(node.value)}}}"]
        case ast.BinOp() if _is_text(node):
            return _together(map(_templates, (node.left, node.right)))
        case _:
            return [f"{{{_called(node)}}}"]


def _is_choice(node: ast.IfExp) -> bool:
    """Whether a condition chooses among texts that the code has."""
    sides = (node.body, node.orelse)
    return any(map(_is_text, sides))


def _together(parts: Iterator[list[str]]) -> list[str]:
    return ["".join(each) for each in list(product(*parts))[:MOST]]


def _filled(node: ast.AST) -> Iterator[ast.AST]:
    """What stands in the braces of a text, and its conditions."""
    match node:
        case ast.IfExp() if _is_choice(node):
            yield node.test
            yield from (each for side in (node.body, node.orelse) if _is_text(side) for each in _filled(side))
        case ast.JoinedStr(values=parts):
            yield from (each for part in parts for each in _filled(part))
        case ast.BinOp(op=ast.Add()):
            yield from (each for side in (node.left, node.right) for each in _filled(side))
        case ast.FormattedValue():
            yield from _filled(node.value)
        case ast.expr() if not isinstance(node, ast.Constant):
            yield node


def _called(node: ast.AST) -> str:
    """What a value is called in braces: the last name in it that says something."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.strip("_")
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            return name
        case ast.Call(func=ast.Attribute(value=value), args=[] | [ast.Constant()]):
            return _called(value)
        case ast.Call(func=ast.Name(id="map"), args=[_, last]):
            return _called(last)
        case ast.Call(args=[*_, last]) if _called(node.args[0]) != "value" or last is node.args[0]:
            return _called(node.args[0])
        case ast.Call(args=[_, *_]):
            return _called(node.args[-1])
        case ast.Call(func=func):
            return _called(func)
        case ast.BinOp() | ast.BoolOp() | ast.IfExp() | ast.Await() | ast.Subscript() | ast.GeneratorExp():
            names = (_called(child) for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr))
            return next((name for name in names if name != "value"), "value")
        case _:
            return "value"


def _whole(template: str) -> str:
    """A template by itself, without the sentences that go before or follow; every name in braces only once."""
    seen: dict[str, int] = {}
    template = _AFTER.sub("", _BEFORE.sub("", template))

    def once(found: re.Match[str]) -> str:
        seen[found[1]] = count = seen.get(found[1], 0) + 1
        return f"{{{found[1]}{count if count > 1 else ''}}}"

    return _BRACES.sub(once, template)


def _is_sentence(template: str) -> bool:
    """Whether it has words of its own, and more than a name of something."""
    known = _BRACES.sub("", template)
    return bool(_WORDS.search(known)) and " " in template and not _CODE.search(known)


def _counted(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Of `counted(3, "reply", "replies")`."""
    match node:
        case ast.Call(func=ast.Name(id="counted"), args=[_, ast.Constant(value=str(one))]):
            yield f"{{count}} {one}", f"{{count}} {one}s"
        case ast.Call(
            func=ast.Name(id="counted"), args=[_, ast.Constant(value=str(one)), ast.Constant(value=str(many))]
        ):
            yield f"{{count}} {one}", f"{{count}} {many}"

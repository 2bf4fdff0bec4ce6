"""The table of rights, row by row, and that everything a page asks for is in it."""

from __future__ import annotations

import ast
from importlib.resources import files
from pathlib import Path

import pytest

from leadline.console.menu import PAGES
from leadline.console.rights import MEANINGS, RIGHTS, Role, Seat, role_of

ALL = list(Role)
WHO = {
    "look": ALL,
    "account": ALL,
    "confirm": ALL[1:],
    "correct": ALL[1:],
    "consent": ALL[1:],
    "merge": ALL[1:],
    "undo": ALL[1:],
    "retry": ALL[1:],
    "send": ALL[1:],
    "system": ALL[1:],
    "drop": ALL[2:],
    "person": ALL[2:],
    "channels": ALL[2:],
    "settings": ALL[2:],
    "alerts": ALL[2:],
    "api_keys": ALL[2:],
    "webhooks": ALL[2:],
    "audit": ALL[2:],
    "setup": ALL[2:],
    "team": ALL[3:],
}


def seat(role: Role) -> Seat:
    return Seat(workspace_id="ws", operator_id=1, email="ann@example.com", role=role)


@pytest.mark.parametrize("right", sorted(RIGHTS))
def test_each_right_belongs_to_these_roles(right: str) -> None:
    assert [role for role in Role if seat(role).may(right)] == WHO[right]


def test_what_is_no_right_is_nobodys() -> None:
    with pytest.raises(KeyError):
        seat(Role.OWNER).may("everything")


def test_roles_are_read_as_people_type_them_and_each_is_explained() -> None:
    assert [role_of(name) for name in ("Owner", " viewer ", "boss", "")] == [Role.OWNER, Role.VIEWER, None, None]
    assert set(MEANINGS) == set(Role)


def test_every_page_and_every_button_names_a_right_of_the_table() -> None:
    asked = {page.right for page in PAGES} | set(_rights_of_buttons())
    assert asked <= set(RIGHTS)


def _rights_of_buttons() -> list[str]:
    """The third argument of every `button(…)` in the console's source, which must be a literal."""
    found = []
    for path in Path(str(files("leadline.console"))).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "button":
                right = node.args[2]
                assert isinstance(right, ast.Constant), f"{path}:{node.lineno}: a right that the test cannot read"
                found.append(str(right.value))
    return found


def test_only_the_shell_listens_to_events() -> None:
    """A listener of a page's own would be an act without a right."""
    console = Path(str(files("leadline.console")))
    listening = [
        str(path.relative_to(console))
        for path in console.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if (isinstance(node, ast.Attribute) and node.attr in ("on", "on_click", "on_value_change"))
        or (isinstance(node, ast.keyword) and node.arg in ("on_click", "on_change"))
    ]
    assert {path for path in listening if not path.startswith("shell/")} == set()


def test_no_two_pages_are_opened_by_the_same_keys() -> None:
    keys = [page.keys for page in PAGES if page.keys]
    assert len(keys) == len({*keys})

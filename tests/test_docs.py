"""The pages against the code: generated blocks, routes, names, links.

LEADLINE_TEST_WRITE_DOCS=1 rewrites the generated blocks.
"""

from __future__ import annotations

import ast
import importlib
import os
import re
import tomllib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, cast, get_args, get_type_hints

import msgspec
import pytest
import typer
from prometheus_client import REGISTRY as MEASURED
from typer.core import TyperGroup

from leadline.api.endpoint import PREFIX as API_PREFIX
from leadline.channels import CHANNELS
from leadline.channels.reasons import REASONS
from leadline.cli.commands import app as cli
from leadline.cli.lazy import Deferred
from leadline.console.menu import PAGES as CONSOLE_PAGES
from leadline.console.rights import RIGHTS, Role
from leadline.outbound.notifications import CONTACT_NEWS, TOPICS
from leadline.panel.rights import WORDS
from leadline.sandbox.app import API, _controls
from leadline.sandbox.control import Controls
from leadline.sandbox.faults import Faults
from leadline.sandbox.oauth import Installs
from leadline.settings import NOT_SETTINGS, PREFIX, Settings
from leadline.settings.checks import limits
from leadline.spaces import REGISTRY
from leadline.web import Behind, Door
from tests.api_page import API_ENDPOINTS, api_page, scopes_table
from tests.channels.content import content_table, noise_table
from tests.channels.table import COLUMNS, ability_table, capability_table

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/**/*.md")])
ROUTE = re.compile(r"^\| `(GET|POST|PUT|DELETE|HEAD)` \| `([^`]+)` \|", re.MULTILINE)


def settings_table() -> str:
    """Every setting, its default, the limits of its value and its meaning."""
    lines = ["| variable | default | meaning |", "| --- | --- | --- |"]
    hints = get_type_hints(Settings, include_extras=True)
    for field in msgspec.structs.fields(Settings):
        meta = next(m for m in get_args(hints[field.name]) if isinstance(m, msgspec.Meta))
        bounds = limits(meta)
        default = "empty" if field.default == "" else f"`{msgspec.json.encode(field.default).decode().strip(chr(34))}`"
        lines.append(f"| `{PREFIX}{field.name.upper()}` | {default} | {meta.description}{bounds and f' ({bounds})'} |")
    return "\n".join(lines)


def workspace_settings_table() -> str:
    """Every setting of a workspace: whether a channel may differ, its default, what it takes and its meaning."""
    lines = ["| setting | for a channel | default | takes | meaning |", "| --- | --- | --- | --- | --- |"]
    for one in REGISTRY.values():
        default = f"`{one.shown(one.default)}`" if one.default != "" else "empty"
        lines.append(
            f"| `{one.name}` | {'yes' if one.for_channel else 'no'} | {default} | {one.takes} | {one.meaning} |"
        )
    return "\n".join(lines)


def command_pages() -> str:
    """Every command with its arguments and options."""
    return "\n\n".join(_command(path, command) for path, command in _commands())


def _commands() -> Iterator[tuple[str, Any]]:
    top = typer.main.get_command(cli)
    assert isinstance(top, TyperGroup)
    for name, found in top.commands.items():
        inner = found.commands if isinstance(found, TyperGroup) else {"": found}
        yield from (
            (f"{name} {verb}".strip(), each.loaded()) for verb, each in inner.items() if isinstance(each, Deferred)
        )


def _command(path: str, command: Any) -> str:
    words = "".join(f" <{_called(p)}>" for p in command.params if p.param_type_name == "argument")
    lines = [f"## leadline {path}", "", " ".join((command.help or "").split())]
    if params := [each for each in command.params if each.name != "workspace"]:
        lines += ["", f"`leadline {path}{words}{' [options]' if len(words.split()) < len(params) else ''}`"]
        lines += ["", "| parameter | default | meaning |", "| --- | --- | --- |"]
        lines += [_parameter(parameter) for parameter in params]
    return "\n".join(lines)


def _parameter(parameter: Any) -> str:
    is_option = parameter.param_type_name == "option"
    names = " / ".join(f"`{name}`" for name in (*parameter.opts, *parameter.secondary_opts))
    default = "empty" if parameter.default in ("", None) else f"`{str(parameter.default).lower()}`"
    return (
        f"| {names if is_option else f'`<{_called(parameter)}>`'} | {'required' if parameter.required else default} "
        f"| {parameter.help or ''} |"
    )


def _called(argument: Any) -> str:
    """What people read for an argument."""
    return str(argument.metavar or argument.name).lower()


def metrics_table() -> str:
    """Everything that is measured, as Prometheus sees it."""
    lines = ["| metric | kind | by | meaning |", "| --- | --- | --- | --- |"]
    importlib.import_module("leadline.app")
    found: dict[str, Any] = {
        name: each for name, each in MEASURED._names_to_collectors.items() if name.startswith("leadline_")
    }
    for each in sorted({id(each): each for each in found.values()}.values(), key=lambda each: each._name):
        name = f"{each._name}_total" if each._type == "counter" else each._name
        labels = ", ".join(f"`{label}`" for label in each._labelnames)
        lines.append(f"| `{name}` | {each._type} | {labels} | {each._documentation} |")
    return "\n".join(lines)


def undelivered_table() -> str:
    """Every reason of a failed reply, with its sentence."""
    return "\n".join(
        ["| reason | sentence |", "| --- | --- |", *(f"| `{code}` | {REASONS[code]} |" for code in REASONS)]
    )


def wings_table() -> str:
    """Every folder and file of the house in the order of the import contract, and what its docstring says it is."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(each["layers"] for each in contracts if each["type"] == "layers")
    lines = ["| floor | folder or file | what it is |", "| --- | --- | --- |"]
    for floor, names in enumerate(layers):
        for name in names.split(" | "):
            path = _source(name.strip("()"))
            if path is not None:
                docstring = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
                what = " ".join(docstring.partition("\n\n")[0].split())
                lines.append(f"| {len(layers) - floor} | `{_shown(path)}` | {what} |")
    return "\n".join(lines)


def _source(name: str) -> Path | None:
    base = ROOT / "src/leadline"
    return next((path for path in (base / name / "__init__.py", base / f"{name}.py") if path.exists()), None)


def _shown(path: Path) -> str:
    return str((path.parent if path.name == "__init__.py" else path).relative_to(ROOT))


def console_rights_table() -> str:
    """Every right of the console, who has it, and the pages that need it."""
    lines = [f"| right | {' | '.join(role.title for role in Role)} | what it lets people do | pages |"]
    lines += [f"| --- | {'--- | ' * len(Role)}--- | --- |"]
    for name, right in RIGHTS.items():
        has = " | ".join("yes" if role >= right.least else "no" for role in Role)
        pages = ", ".join(page.title for page in CONSOLE_PAGES if page.right == name)
        lines.append(f"| `{name}` | {has} | {right.meaning} | {pages} |")
    return "\n".join(lines)


def panel_rights_table() -> str:
    """Everything in the panel that can be kept for some teammates, and the setting that does it."""
    lines = ["| right | what it lets a teammate do | setting |", "| --- | --- | --- |"]
    lines += [f"| `{act}` | {words} | `{REGISTRY[f'may_{act}'].name}` |" for act, words in WORDS.items()]
    return "\n".join(lines)


GENERATED: dict[tuple[str, str], Callable[[], str]] = {
    ("ARCHITECTURE.md", "wings"): wings_table,
    ("README.md", "channels"): lambda: capability_table(CHANNELS),
    ("docs/reference/settings.md", "settings"): settings_table,
    ("docs/reference/settings.md", "workspace"): workspace_settings_table,
    ("docs/reference/cli.md", "commands"): command_pages,
    ("docs/reference/undelivered.md", "undelivered"): undelivered_table,
    ("docs/reference/metrics.md", "metrics"): metrics_table,
    ("docs/reference/api.md", "api"): api_page,
    ("docs/reference/content.md", "content"): content_table,
    ("docs/reference/permissions.md", "console"): console_rights_table,
    ("docs/reference/permissions.md", "api"): scopes_table,
    ("docs/reference/permissions.md", "panel"): panel_rights_table,
    **{(f"docs/channels/{key}.md", "abilities"): partial(ability_table, one) for key, one in CHANNELS.items()},
    **{(f"docs/channels/{key}.md", "noise"): partial(noise_table, key) for key in CHANNELS},
}


@pytest.mark.parametrize(("page", "block"), GENERATED)
def test_generated_block_is_current(page: str, block: str) -> None:
    path, wanted = ROOT / page, GENERATED[page, block]()
    before, begin, rest = path.read_text("utf-8").partition(f"<!-- {block}: begin -->\n")
    found, end, after = rest.partition(f"\n<!-- {block}: end -->")
    assert begin, f"{page} has no begin marker of block {block}"
    assert end, f"{page} has no end marker of block {block}"
    if os.environ.get("LEADLINE_TEST_WRITE_DOCS") == "1":
        path.write_text(f"{before}{begin}{wanted}{end}{after}", "utf-8")
        return
    assert found == wanted, f"{page}: run `LEADLINE_TEST_WRITE_DOCS=1 pytest tests/test_docs.py` and commit the page"


def test_every_route_is_described_and_nothing_else() -> None:
    nobody = cast("Any", None)
    door = Door(Behind(*[nobody] * len(Behind._fields)), nobody)
    # Starlette answers HEAD wherever it answers GET; the page lists it where a route asks for it alone.
    routes = {
        (method, route.path)
        for route in door.routes()
        for method in route.methods or ()
        if method != "HEAD" or "GET" not in (route.methods or ())
    }
    routes |= {(method, path) for method, path, _ in API}
    routes |= {(method, f"/_sandbox{path}") for method, path, _ in _controls(Controls(Faults()))}
    routes |= {
        (method, route.path) for route in Installs(nobody).routes() for method in (route.methods or set()) - {"HEAD"}
    }
    routes |= {
        ("GET", f"{API_PREFIX}/openapi.json"),
        *((each.method, API_PREFIX + each.path) for each in API_ENDPOINTS),
    }
    routes |= {("GET", "/files/{key}")}
    assert set(ROUTE.findall((ROOT / "docs/reference/http.md").read_text("utf-8"))) == routes


def test_the_page_lists_the_topics_leadline_acts_on() -> None:
    listed = set(re.findall(r"^- `([a-z_.]+)`$", (ROOT / "docs/connect.md").read_text("utf-8"), re.MULTILINE))
    assert listed == TOPICS | CONTACT_NEWS


def test_the_table_of_the_readme_is_narrow_enough_to_read() -> None:
    assert len(COLUMNS) <= 6
    assert max(map(len, capability_table(CHANNELS).splitlines())) <= 120


HEADINGS = [
    "You need",
    "Connect",
    "Who the sender is",
    "What comes in",
    "What goes out",
    "Delivery",
    "Limits and quirks",
    "When it does not work",
]


@pytest.mark.parametrize("key", sorted(CHANNELS))
def test_every_channel_has_a_page_in_the_one_order(key: str) -> None:
    path = ROOT / f"docs/channels/{key}.md"
    path = path if path.exists() else ROOT / f"docs/channels/{key.partition('_')[0]}.md"
    assert re.findall(r"^## (.+)$", path.read_text("utf-8"), re.MULTILINE) == HEADINGS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_has_a_target(page: Path) -> None:
    broken = [
        target
        for target in re.findall(r"\]\(([^)\s]+)\)", _prose(page))
        if not re.match(r"[a-z]+:", target) and not _leads(page, target)
    ]
    assert not broken


def _leads(page: Path, target: str) -> bool:
    path, _, anchor = target.partition("#")
    found = (page.parent / path).resolve() if path else page
    return found.exists() and (not anchor or anchor in _anchors(found))


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", _prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _prose(page: Path) -> str:
    """The page without its code blocks."""
    return re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_names_of_the_code_exist(page: Path) -> None:
    """`module.py:Name.method` resolves, `tests/…::test` and other paths exist, LEADLINE_ variables are settings."""
    text = page.read_text("utf-8")
    wrong = [
        f"{path}:{name}" for path, name in re.findall(r"`([\w/]+)\.py:([\w.]+)`", text) if not _is_name(path, name)
    ]
    wrong += [
        f"{path}::{test}"
        for path, test in re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text)
        if f"def {test}(" not in (ROOT / path).read_text("utf-8")
    ]
    wrong += [
        path for path in re.findall(r"`((?:src|tests|docs|benchmarks)/[\w./-]+)`", text) if not (ROOT / path).exists()
    ]
    known = {f"{PREFIX}{field.name.upper()}" for field in msgspec.structs.fields(Settings)}
    variables = set(re.findall(r"\bLEADLINE_[A-Z_]*[A-Z]\b", text))
    wrong += [name for name in variables - known if not name.startswith(NOT_SETTINGS)]
    assert not wrong


def _is_name(path: str, name: str) -> bool:
    value: Any = importlib.import_module(f"leadline.{path.replace('/', '.')}")
    for part in name.split("."):
        if not hasattr(value, part):
            return False
        value = getattr(value, part)
    return True

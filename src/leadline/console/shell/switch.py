"""Which workspace a page is about, and the way to another one. The frame draws it on every page."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from nicegui import ui

from leadline.console.drawing import box, text
from leadline.console.guard import WORKSPACE
from leadline.console.language import _
from leadline.console.shell.page import Page
from leadline.console.shell.visit import Visit


def keep_workspace(workspace_id: str) -> None:
    """Have the page's own links and forms stay in its workspace: `console.js` reads this."""
    ui.add_head_html(f'<meta name="leadline-workspace" content="{escape(workspace_id)}">')


def draw_switch(visit: Visit, page: Page, names: Mapping[str, str]) -> None:
    """names: of all workspaces that this person uses, by id. With one there is nothing to choose."""
    name = (visit.workspace.name if visit.workspace else "") or visit.workspace_id
    if not visit.knows_workspace:
        name = _("Intercom is not connected")
    if len(names) < 2:
        text(name, "ll-soft ll-clip ll-grow", testid="workspace")
        return
    keep_workspace(visit.workspace_id)
    with box("ll-switch ll-grow", "details", testid="workspaces"):
        with box("", "summary"):
            text(name, "ll-clip", testid="workspace")
        with box("ll-others", "ul"):
            for workspace_id, other in sorted(names.items(), key=lambda each: each[1].lower()):
                _line(page, workspace_id, other, here=workspace_id == visit.workspace_id)


def _line(page: Page, workspace_id: str, name: str, *, here: bool) -> None:
    """Leads to the same page; where that is about one thing of this workspace, to the first page."""
    address = "/console" if "{" in page.path else page.address
    with box("", "li"), ui.link(target=f"{address}?{WORKSPACE}={workspace_id}").classes("ll-line") as line:
        if here:
            line.props["aria-current"] = "true"
        text(name)

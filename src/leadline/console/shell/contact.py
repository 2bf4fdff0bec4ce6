"""A contact as all pages name it: its page here, its role, and its page in Intercom where there is one."""

from __future__ import annotations

from nicegui import ui

from leadline.console.drawing import outside, text
from leadline.console.language import _, marked
from leadline.console.shell.visit import Visit

ROLES = {"user": marked("user"), "lead": marked("lead")}
"""What Intercom calls the two kinds of contacts."""


def contact(visit: Visit, contact_id: str, name: str, role: str = "") -> None:
    """Draw it into a row; without its role where that is not known."""
    ui.link(name or _("No name"), f"/console/people/{contact_id}").classes("ll-name")
    if role:
        text(_(ROLES.get(role, role)), f"ll-tag {role}")
    if page := visit.contact_link(contact_id):
        outside("Intercom", page)

"""What both pages of webhooks show alike: how it stands with one."""

from __future__ import annotations

from typing import Any

from leadline.console.drawing import box, text
from leadline.console.language import _, plural
from leadline.console.retold import retold
from leadline.console.shell import Visit
from leadline.store.opened import vault_of
from leadline.webhooks import Webhooks

Row = dict[str, Any]


def webhooks_of(visit: Visit) -> Webhooks:
    """Those of the page's workspace."""
    settings = visit.leadline.settings
    return Webhooks(visit.database, vault_of(settings), visit.workspace_id, allowed=settings.media_allowed)


def draw_state(row: Row) -> None:
    """A word, how many events wait, and what the other system answered where it does not take them."""
    with box("ll-acts"):
        if row["paused_at"] is not None:
            text(_("paused"), "ll-tag plain", testid="state")
        elif row["trouble"]:
            text(_("does not take events"), "ll-tag bad", testid="state")
        else:
            text(_("goes out"), "ll-tag good", testid="state")
        if row["waiting"]:
            text(plural("{count} event waits", "{count} events wait", row["waiting"]), "ll-faint")
    if row["trouble"]:
        text(retold(row["trouble"]), "ll-text ll-bad")

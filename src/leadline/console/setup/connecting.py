"""The first step of the set-up: Intercom's access token, proved before it is kept, or a click where there is an app."""

from __future__ import annotations

from nicegui import ui

from leadline.connections.by_token import Access
from leadline.connections.installing import link
from leadline.console.drawing import box, text
from leadline.console.language import _, marked
from leadline.console.retold import retold
from leadline.console.shell import Entry, Visit, button
from leadline.errors import SettingError
from leadline.intercom import account
from leadline.intercom.permissions import NEEDED, missing
from leadline.store.opened import vault_of

HOW = (
    marked("Open Intercom's Developer Hub and create an app for your workspace, or open the one you have."),
    marked("Under Configure, Authentication, tick these permissions: {permissions}. Copy the access token."),
    marked("Under Configure, Basic information, copy the client secret. Intercom signs what it sends with it."),
    marked(
        "Paste both here. Leadline asks Intercom at once, in all regions, and keeps them only if "
        "Intercom knows the token."
    ),
)


class Connecting:
    """What the step draws and does."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._settings = visit.leadline.settings
        self._token: Entry
        self._secret: Entry

    def draw(self, shown: tuple[str, str]) -> None:
        """The workspace that is connected, or the way to connect one."""
        workspace, refused = shown
        with box("ll-padded ll-sheet"):
            if workspace and not refused:
                with box("ll-acts"):
                    text(_("done"), "ll-tag good")
                    text(_("Leadline is connected to {workspace}.", workspace=workspace), testid="connected")
                with box("ll-acts"):
                    button(self._visit, _("Check again"), "setup", self._prove, testid="prove-intercom")
                with box("ll-sheet", "details"):
                    with box("", "summary"):
                        text(_("Enter a new token"))
                    self._draw_form()
                return
            if refused:
                text(
                    _(
                        "Intercom does not let Leadline into {workspace}. {why}",
                        workspace=workspace,
                        why=retold(refused),
                    ),
                    "ll-text ll-bad",
                    testid="refused",
                )
                text(_("What arrives meanwhile is kept, and goes on when Intercom is connected again."), "ll-soft")
            self._draw_form()
            if self._visit.leadline.connections.installing is not None:
                self._draw_click()

    def _draw_form(self) -> None:
        with box("ll-steps", "ol"):
            for step in HOW:
                with box("", "li"):
                    text(_(step, permissions=", ".join(NEEDED)), "ll-text")
        self._token = Entry(_("Access token"), kind="password", testid="token")
        own = self._visit.workspace.client_secret if self._visit.workspace else ""
        is_known = bool(own or self._settings.intercom_client_secret)
        label = _("Client secret (leave empty to keep the present one)") if is_known else _("Client secret")
        self._secret = Entry(label, kind="password", testid="client-secret")
        with box("ll-acts"):
            button(self._visit, _("Connect"), "setup", self._connect, kind="strong", testid="connect-intercom")

    def _draw_click(self) -> None:
        text(_("Or let an admin of the workspace approve the app of this installation in Intercom."), "ll-soft")
        with box("ll-acts"):
            button(self._visit, _("Connect with one click"), "setup", self._go, testid="connect-by-click")

    async def _connect(self) -> str:
        """Prove, keep, serve."""
        visit, connections = self._visit, self._visit.leadline.connections
        token, secret = self._token.value.strip(), self._secret.value.strip()
        if not token:
            raise SettingError(_("Paste the access token first. Step 2 above says where Intercom shows it."))
        only = visit.workspace_id if visit.knows_workspace else ""
        access = Access(token=token, client_secret=secret)
        me = await connections.by_token.connect(access, author=visit.seat.email, only=only)
        await connections.roster.refresh()
        if not visit.knows_workspace:
            ui.navigate.to(visit.here())
        return _(
            "Connected to {name}. {admin} signs the notes that Leadline writes.",
            name=me.name or me.workspace_id,
            admin=me.admin_name,
        )

    async def _prove(self) -> str:
        """Ask Intercom now; raises SettingError that names the permissions that are not ticked."""
        workspace = await self._visit.leadline.connections.workspaces.get(self._visit.workspace_id)
        me = await account.me(workspace.client)
        if lacking := await missing(workspace.client):
            raise SettingError(
                _(
                    "Intercom lets Leadline in, but its app lacks permissions: {permissions}.",
                    permissions=", ".join(lacking),
                )
            )
        return _(
            "Intercom lets Leadline into {name} as {admin}, with every permission it needs.",
            name=me.name or me.workspace_id,
            admin=me.admin_name,
        )

    async def _go(self) -> None:
        """To Intercom, which sends the browser back."""
        settings = self._settings
        ui.navigate.to(link(vault_of(settings), settings.public_url, self._visit.seat.email))

"""The form of a provider's settings, for a new channel and for one that gets other values; and connecting by it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

import msgspec
from nicegui import ui

from leadline.channels import CHANNELS
from leadline.channels.base import Channel
from leadline.channels.fields import NO_OR_YES, choices, description, fields_for, is_own, is_secret, shaped
from leadline.connections.proving import registered
from leadline.connections.switchboard import add_channel, typed_settings
from leadline.console.channels.proof import check_credentials
from leadline.console.drawing import box, pane, text
from leadline.console.language import _, marked
from leadline.console.retold import retold
from leadline.console.shell import Entry, Pick, Visit, button
from leadline.errors import SettingError

Field = msgspec.inspect.Field
SHORTEST = 8  # characters of a credential
SWITCH = dict(zip(NO_OR_YES, (marked("no"), marked("yes")), strict=True))


class Fields:
    """The entries. present: what a channel has; its secrets are not shown, and stay where nothing is typed."""

    def __init__(self, adapter: Channel[Any], present: Mapping[str, Any] | None = None) -> None:
        self.adapter = adapter
        self._fields = fields_for(adapter)
        self._present = present
        self._entries = {name: self._entry(field) for name, field in self._fields.items() if field.required}
        with box("ll-sheet", "details"):
            with box("", "summary"):
                text(_("More settings"))
            for name, field in self._fields.items():
                if not field.required:
                    self._entries[name] = self._entry(field)

    def typed(self) -> dict[str, str]:
        """What was filled in; raises SettingError for what cannot be right."""
        return {name: self._checked(name) for name, entry in self._entries.items() if entry.value.strip()}

    def changed(self) -> dict[str, str]:
        """What differs from what the channel has; empty to go back to the default. Raises SettingError."""
        differing = [name for name, entry in self._entries.items() if entry.value.strip() != self._shown(name)]
        return {name: self._checked(name) if self._entries[name].value.strip() else "" for name in differing}

    def made(self) -> dict[str, str]:
        """Secrets of the operator's own making that were left empty and are needed: now they are made."""
        return {name: secrets.token_hex(16) for name in self._entries if self._is_left(name)}

    def _label(self, name: str) -> str:
        return _(description(self.adapter, name)) or name

    def _entry(self, field: Field) -> Entry | Pick:
        if options := choices(field.type):
            words = {one: _(SWITCH.get(one, one)) for one in options}
            return Pick(self._label(field.name), words, testid=f"field-{field.name}", value=self._shown(field.name))
        pattern, words = self.adapter.settings.shapes.get(field.name, ("", ""))
        hint = _("stays as it is") if self._present is not None and is_secret(field.type) else _(words)
        if is_own(field.type) and self._present is None:
            hint = _("Leadline creates one")
        kind = "password" if is_secret(field.type) else "text"
        value = self._shown(field.name)
        testid = f"field-{field.name}"
        return Entry(self._label(field.name), testid=testid, kind=kind, hint=hint or " ", pattern=pattern, value=value)

    def _shown(self, name: str) -> str:
        """What stands in a field first."""
        field = self._fields[name]
        if is_secret(field.type):
            return ""
        value = (self._present or {}).get(name, field.default if choices(field.type) else "")
        if value is msgspec.NODEFAULT:
            return ""
        return str(value).lower() if isinstance(value, bool) else str(value)

    def _is_left(self, name: str) -> bool:
        field = self._fields[name]
        return field.required and is_own(field.type) and not self._entries[name].value.strip()

    def _checked(self, name: str) -> str:
        field, value = self._fields[name], self._entries[name].value.strip()
        if is_own(field.type):
            raise SettingError(
                _("Leave this empty, and Leadline creates one that cannot be guessed: {name}", name=self._label(name))
            )
        if is_secret(field.type) and len(value) < SHORTEST:
            raise SettingError(_("This is too short to be a credential: {name}", name=self._label(name)))
        try:
            return shaped(self.adapter, field, value)
        except SettingError as error:
            words = _(self.adapter.settings.shapes[name][1])
            raise SettingError(_("This must be {what}: {name}", what=words, name=self._label(name))) from error


class Connecting:
    """The form of a new channel. After it was sent, what is shown only once stays until the page is left."""

    def __init__(self, visit: Visit, adapter: Channel[Any]) -> None:
        self._visit = visit
        with pane(adapter.title, testid="form"):
            with box("ll-padded ll-sheet") as self._sheet:
                ui.link(_("Another provider"), visit.here(provider=""))
                self._name = Entry(_("Name, as teammates call it"), testid="name", value=adapter.title)
                self._fields = Fields(adapter)
                with box("ll-acts"):
                    button(visit, _("Connect"), "channels", self._connect, kind="strong", testid="connect")
            self._result = box("ll-padded", testid="result")

    async def _connect(self) -> str:
        visit, name, adapter = self._visit, self._name.value.strip(), self._fields.adapter
        store = visit.leadline.channels
        if not name or name in (await store.names(visit.workspace_id)).values():
            raise SettingError(
                _("Another channel is called '{name}'. Choose another name", name=name) if name else _("Enter a name")
            )
        made = self._fields.made()
        settings = typed_settings(adapter, self._fields.typed() | made)
        row = await add_channel(store, visit.workspace_id, adapter, name, settings)
        base = visit.leadline.settings.public_url.rstrip("/")
        self._show(row.channel_id, made, await registered(row, f"{base}/in/{row.key}"))
        return await check_credentials(store, row)

    def _show(self, channel_id: int, made: Mapping[str, str], registration: str) -> None:
        self._sheet.set_visibility(False)
        with self._result:
            if registration:
                text(retold(registration), "ll-text")
            for name, value in made.items():
                text(_("Enter this at the provider; it is not shown again:"))
                text(_(description(self._fields.adapter, name)), "ll-soft")
                text(value, "ll-mono ll-text")
            ui.link(_("Its webhook address, and what to do at the provider"), f"/console/channels/{channel_id}")


def choose_provider(visit: Visit) -> None:
    """The providers, or the form of the one that the address names."""
    adapter = CHANNELS.get(visit.param("provider"))
    if adapter is not None:
        Connecting(visit, adapter)
        return
    with pane(_("Which provider?"), testid="providers"), box("ll-choices"):
        for key, each in sorted(CHANNELS.items(), key=lambda pair: pair[1].title):
            ui.link(each.title, visit.here(provider=key)).classes("ll-card")

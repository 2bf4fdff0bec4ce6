"""`/console/channels/new`: choose a provider, fill in its form, connect."""

from __future__ import annotations

import secrets
from typing import Any

import msgspec
from nicegui import ui

from leadline.channels import CHANNELS
from leadline.channels.base import Channel
from leadline.channels.fields import description, fields_for, is_own, is_secret, shaped
from leadline.connections.switchboard import add_channel, typed_settings
from leadline.console.channels.connected import proved
from leadline.console.drawing import box, text
from leadline.console.shell import Entry, Visit, button
from leadline.errors import SettingError

Field = msgspec.inspect.Field
SHORTEST = 8  # characters of a credential


class Form:
    """The settings of one provider."""

    def __init__(self, visit: Visit, adapter: Channel[Any]) -> None:
        self._visit = visit
        self._adapter = adapter
        self._fields = fields_for(adapter)
        with box("ll-pane", "section", testid="form"):
            with box("ll-head", "h2"):
                text(adapter.title)
            with box("ll-padded ll-sheet"):
                self._name = Entry("Name, as teammates call it", testid="name", value=adapter.title)
                self._entries = {name: self._entry(field) for name, field in self._fields.items() if field.required}
                with box("ll-sheet", "details"):
                    with box("", "summary"):
                        text("More settings")
                    for name, field in self._fields.items():
                        if not field.required:
                            self._entries[name] = self._entry(field)
                with box("ll-acts"):
                    button(visit, "Connect", "channels", self._connect, kind="strong", testid="connect")
            self._result = box("ll-padded", testid="result")

    def _entry(self, field: Field) -> Entry:
        pattern, words = self._adapter.settings.shapes.get(field.name, ("", ""))
        hint = "Leadline makes one" if is_own(field.type) else words
        label = description(self._adapter, field.name) or field.name
        kind = "password" if is_secret(field.type) else "text"
        return Entry(label, testid=f"field-{field.name}", kind=kind, hint=hint or " ", pattern=pattern)

    async def _connect(self) -> str:
        visit, name = self._visit, self._name.value.strip()
        store = visit.leadline.channels
        if not name or name in (await store.names(visit.workspace_id)).values():
            raise SettingError(f"Another channel is called '{name}'. Choose another name" if name else "Enter a name")
        made = {name: secrets.token_hex(16) for name in self._entries if self._is_made(name)}
        values = {name: self._value(name) for name in self._entries if self._entries[name].value.strip()} | made
        settings = typed_settings(self._adapter, values)
        row = await add_channel(store, visit.workspace_id, self._adapter, name, settings)
        self._show(made)
        return await proved(row)

    def _is_made(self, name: str) -> bool:
        """A secret of the operator's own making that was left empty and is needed."""
        field = self._fields[name]
        return field.required and is_own(field.type) and not self._entries[name].value.strip()

    def _value(self, name: str) -> str:
        field, value = self._fields[name], self._entries[name].value.strip()
        if is_own(field.type):
            raise SettingError(f"Leave {name} empty: Leadline makes one that cannot be guessed")
        if is_secret(field.type) and len(value) < SHORTEST:
            raise SettingError(f"{name} is too short to be a credential.")
        return shaped(self._adapter, field, value)

    def _show(self, made: dict[str, str]) -> None:
        self._result.clear()
        with self._result:
            for name, value in made.items():
                text(f"Enter this as {name} at the provider; it is not shown again:")
                text(value, "ll-mono ll-text")
            ui.link("Its webhook address, and what to do at the provider", "/console/channels")


async def draw(visit: Visit) -> None:
    """The providers, or the form of the one that the address names."""
    adapter = CHANNELS.get(visit.asked("provider"))
    if adapter is not None:
        ui.link("Another provider", "/console/channels/new")
        Form(visit, adapter)
        return
    with box("ll-pane", "section"):
        with box("ll-head", "h2"):
            text("Which provider?")
        with box("ll-choices"):
            for key, each in sorted(CHANNELS.items(), key=lambda pair: pair[1].title):
                ui.link(each.title, visit.here(provider=key)).classes("ll-card")

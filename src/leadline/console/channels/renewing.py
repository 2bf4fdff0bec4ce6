"""Secrets of a channel that Leadline makes up, such as what a provider sends along: another one, shown once."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from functools import partial

from leadline.channels import CHANNELS
from leadline.channels.fields import fields_for, is_own
from leadline.connections import changing
from leadline.connections.proving import prove, registered
from leadline.console.channels.drawn import copied
from leadline.console.drawing import box, pane, text
from leadline.console.language import _
from leadline.console.retold import retold
from leadline.console.shell import Visit, button
from leadline.store.channels import ChannelRow


class Renewing:
    """A pane of a channel's page; nothing where its provider wants no such secret. now: the channel as it is."""

    def __init__(self, visit: Visit, row: ChannelRow, now: Callable[[], Awaitable[ChannelRow]]) -> None:
        self._visit = visit
        self._now = now
        names = [name for name, field in fields_for(CHANNELS[row.provider]).items() if is_own(field.type)]
        if not names:
            return
        with pane(_("Secrets that Leadline created"), testid="renewing"), box("ll-padded ll-stack"):
            text(
                _(
                    "Create a new one when somebody else may know it. Where Leadline cannot tell the "
                    "provider, enter the new one there at once: whatever arrives with the old one is "
                    "refused."
                ),
                "ll-soft",
            )
            with box("ll-acts"):
                for name in names:
                    self._draw_button(row, name)
            self._shown = box("ll-stack", testid="renewed")

    def _draw_button(self, row: ChannelRow, name: str) -> None:
        ask = _("Give {channel} a new {name}? The old one is refused from then on.", channel=row.name, name=name)
        do = partial(self._renew, name)
        button(self._visit, _("New {name}", name=name), "channels", do, ask=ask, testid=f"renew-{name}")

    async def _renew(self, name: str) -> str:
        visit, value = self._visit, secrets.token_hex(16)
        store = visit.leadline.channels
        row = await changing.change(visit.database, store, await self._now(), {name: value})
        said = await registered(row, f"{visit.leadline.settings.public_url.rstrip('/')}/in/{row.key}")
        await prove(store, row)
        self._shown.clear()
        with self._shown:
            if said:
                text(retold(said), "ll-text")
            text(_("Enter this as {name} at the provider; it is not shown again:", name=name))
            copied(value, name, testid="renewed-value")
        return _("{name} has been replaced", name=name)

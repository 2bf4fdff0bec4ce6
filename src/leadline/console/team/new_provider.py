"""The form of a new provider: its address, which is asked at once; then what to enter there, and what it shows."""

from __future__ import annotations

from functools import partial

from leadline.console.channels.drawn import copied
from leadline.console.drawing import box, pane, text
from leadline.console.language import _
from leadline.console.oidc.discovery import NotDiscovered, discover
from leadline.console.oidc.known import KNOWN, Known
from leadline.console.oidc.providers import NewProvider, Providers, address_back, checked_issuer, key_of
from leadline.console.oidc.words import unusable
from leadline.console.shell import Entry, Pick, Visit, button
from leadline.console.team.without_invitation import WithoutInvitation
from leadline.errors import SettingError


class NewForm:
    """Two steps."""

    def __init__(self, visit: Visit, providers: Providers) -> None:
        self._visit = visit
        self._providers = providers
        with pane(_("Add a provider"), testid="new-provider"):
            with box("ll-filters ll-padded"):
                self._kind = Pick(_("Provider"), {key: _(one.title) for key, one in KNOWN.items()}, testid="kind")
                hint = KNOWN["microsoft"].hint
                self._issuer = Entry(_("Its address; not needed for Google"), testid="issuer", hint=hint)
                button(visit, _("Next"), "team", self._next, testid="next")
            self._rest = box("ll-padded ll-sheet", testid="rest")
            self._rest.set_visibility(False)

    async def _next(self) -> None:
        known = KNOWN[self._kind.value]
        issuer = checked_issuer(known.issuer or self._issuer.value)
        try:
            await discover(issuer, self._visit.leadline.settings.media_allowed)
        except NotDiscovered as error:
            raise SettingError(unusable(_(known.title), error.in_words)) from error
        self._draw_rest(known, issuer)

    def _draw_rest(self, known: Known, issuer: str) -> None:
        key = key_of(self._visit.workspace_id, issuer)
        self._rest.clear()
        self._rest.set_visibility(True)
        with self._rest:
            text(_("Enter this address at the provider, as redirect URI:"))
            copied(address_back(self._visit.leadline.settings.public_url, key), _("the address"), testid="new-back")
            with box("ll-steps", "ol"):
                for step in known.steps:
                    with box("", "li"):
                        text(_(step), "ll-text")
            name = Entry(
                _("Name on the button"), testid="new-name", value="" if known is KNOWN["other"] else known.title
            )
            client_id = Entry(_("Client id"), testid="client-id")
            secret = Entry(_("Client secret"), kind="password", testid="client-secret")
            without = WithoutInvitation()
            with box("ll-acts"):
                do = partial(self._save, issuer, name, client_id, secret, without)
                button(self._visit, _("Let people sign in with it"), "team", do, kind="strong", testid="add-provider")

    async def _save(self, issuer: str, name: Entry, client_id: Entry, secret: Entry, without: WithoutInvitation) -> str:
        new = NewProvider(
            name=name.value,
            issuer=issuer,
            client_id=client_id.value,
            client_secret=secret.value,
            domains=without.domains,
            role=without.role,
        )
        await self._providers.add(new)
        self._rest.clear()
        self._rest.set_visibility(False)
        return _("People can sign in with {name} now. Try it in another browser.", name=new.name)

"""Whose people come in without an invitation, and as what: two fields, and what they mean in words."""

from __future__ import annotations

from collections.abc import Sequence

from leadline.console.language import _
from leadline.console.oidc.providers import BY_DOMAIN
from leadline.console.rights import role_of
from leadline.console.shell import Entry, Pick

NOBODY = "nobody"


class WithoutInvitation:
    """The fields. present: domains and role as they are."""

    def __init__(self, domains: Sequence[str] = (), role: str | None = None) -> None:
        roles = {role.title: _("As {role}", role=role.shown) for role in BY_DOMAIN}
        choices = {NOBODY: _("Nobody; people must be invited"), **roles}
        self._role = Pick(_("Who may join without an invitation?"), choices, testid="by-domain", value=role or NOBODY)
        hint, value = "example.com, example.org", ", ".join(domains)
        self._domains = Entry(_("People of these e-mail domains"), testid="domains", hint=hint, value=value)

    @property
    def domains(self) -> tuple[str, ...]:
        """Empty where nobody is chosen, whatever is typed."""
        if self._role.value == NOBODY:
            return ()
        return tuple(filter(None, (each.strip() for each in self._domains.value.split(","))))

    @property
    def role(self) -> str:
        return "" if self._role.value == NOBODY else self._role.value


def meaning(domains: Sequence[str], role: str | None) -> str:
    """What they mean."""
    given = role_of(role or "")
    if given is None:
        return _("nobody")
    return _("people of {domains}, as {role}", domains=", ".join(domains), role=given.shown)

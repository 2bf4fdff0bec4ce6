"""What `leadline doctor` says about the providers by which people sign in to the console: each is asked."""

from __future__ import annotations

import asyncio
from shlex import quote

from leadline.cli.finding import Finding
from leadline.console.language import ENGLISH, speaking
from leadline.console.oidc.discovery import NotDiscovered, discover
from leadline.console.oidc.providers import Providers
from leadline.console.oidc.words import unusable
from leadline.settings import Settings
from leadline.store.database import Database
from leadline.store.opened import vault_of


async def providers(settings: Settings, database: Database, workspace_id: str) -> list[Finding]:
    """One for each provider; none where people sign in with passwords alone, or where nothing sealed can be read."""
    if not settings.secret_key:
        return []
    rows = await Providers(database, vault_of(settings), workspace_id).listed()
    with speaking(ENGLISH):  # as all findings: the console keeps them for everybody who looks
        return [*await asyncio.gather(*(_asked(row["name"], row["issuer"], settings.media_allowed) for row in rows))]


async def _asked(name: str, issuer: str, allowed: frozenset[str]) -> Finding:
    part = f"sign-in, {name}"
    try:
        await discover(issuer, allowed)
    except NotDiscovered as error:
        return Finding(part, f"{unusable(name, str(error))} Ask it again: `leadline sign-in test {quote(name)}`")
    return Finding(part, word="says where to sign in")

"""Where Intercom's API of each region is, and in which of them an access token is valid. Called by `connections`."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from leadline.errors import LeadlineError
from leadline.intercom import account
from leadline.intercom.account import Me
from leadline.intercom.client import Client
from leadline.intercom.outcomes import Unauthorized

HOSTS = {"US": "api.intercom.io", "EU": "api.eu.intercom.io", "AU": "api.au.intercom.io"}
"""API hosts by region (REST API reference 2.16, read November 2026)."""


def addresses(url: str) -> tuple[str, ...]:
    """Where a token may be valid: at the given address, and if that is one of Intercom's own, in the other regions."""
    if urlsplit(url).hostname not in HOSTS.values():
        return (url,)
    return tuple(dict.fromkeys((url, *(f"https://{host}" for host in HOSTS.values()))))


async def find(client: Callable[[str], Client], url: str) -> tuple[str, Me]:
    """The address at which the token is valid, and whose it is. client: makes one for an address.

    Raises the refusal of the first address where it is valid at none, and as Client.call.
    """
    refused: LeadlineError | None = None
    for address in addresses(url):
        try:
            me = await account.me(client(address))
        except Unauthorized as error:
            refused = refused or error
        else:
            own = HOSTS.get(me.region)
            return (f"https://{own}" if own and len(addresses(url)) > 1 else address), me
    assert refused is not None
    raise refused

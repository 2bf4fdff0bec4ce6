"""Installing a public app in a workspace (OAuth): where the admin is sent, and the code that comes back for a token.

Source: Intercom's OAuth pages, read November 2026. Called by `connections/installing.py`.
"""

from __future__ import annotations

from urllib.parse import urlencode

import aiohttp
import msgspec

from leadline.errors import LeadlineError
from leadline.intercom.wire import mapping, text

SECONDS = 15.0
"""How long Intercom may take to answer an exchange."""


class NotInstalled(LeadlineError):
    """Intercom gave no token; the text is for the person at the browser."""


def approval_page(url: str, *, client_id: str, state: str) -> str:
    """Where the admin approves the app. It comes back to the first address registered in the Developer Hub."""
    return f"{url}?{urlencode({'client_id': client_id, 'state': state})}"


async def exchange(session: aiohttp.ClientSession, url: str, *, code: str, client_id: str, client_secret: str) -> str:
    """The access token for a code, which may end in `=`. It never expires and is never refreshed. Raises NotInstalled.

    url: base address of the API.
    """
    fields = {"code": code, "client_id": client_id, "client_secret": client_secret}
    try:
        async with session.post(
            f"{url.rstrip('/')}/auth/eagle/token",
            json=fields,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=SECONDS),
        ) as answer:
            status, body = answer.status, await answer.read()
    except (aiohttp.ClientError, TimeoutError) as error:
        raise NotInstalled(f"Intercom did not answer ({type(error).__name__}). Open the link again") from None
    if status != 200:
        raise NotInstalled(f"Intercom refused the code ({status}). Open the link again; a code can be used once")
    try:
        answered = mapping(msgspec.json.decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        answered = {}
    token = text(answered.get("access_token")) or text(answered.get("token"))
    if not token:
        raise NotInstalled("Intercom's answer held no access token. Open the link again")
    return token

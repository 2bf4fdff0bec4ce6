"""People of each role, signed in to a console without passwords, which take long on purpose; and something to see."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Page

from leadline.app import Leadline
from leadline.console.guard import COOKIE
from leadline.console.rights import Role
from leadline.console.signin.sessions import Sessions
from leadline.console.signin.tries import Visitor
from leadline.sandbox.providers import WhatsAppFake
from leadline.sandbox.providers.meta import signed
from leadline.sandbox.providers.whatsapp.webhooks import envelope
from leadline.stage.town import Demo
from leadline.store.queries import queries
from tests.acceptance.town import Town
from tests.browser import tab

MESSAGE = {"from": "353861112222", "id": "wamid.other", "timestamp": "1790000000", "type": "text"}


def email_of(role: Role) -> str:
    return f"{role.title}@example.com"


async def session_of(leadline: Leadline, role: Role) -> str:
    """The token of a new session of this role's person."""
    return await session_in(leadline, email_of(role), {leadline.workspace.workspace_id: role})


async def session_in(leadline: Leadline, email: str, roles: Mapping[str, Role], language: str = "") -> str:
    """The token of a new session of somebody with a role in each of these workspaces. language: the one they chose."""
    async with leadline.database.connection() as connection:
        operator_id = (await queries.add_operator(connection, email=email))["operator_id"]
        await queries.set_language(connection, operator_id=operator_id, language=language)
        for workspace_id, role in roles.items():
            await queries.give_seat(connection, workspace_id=workspace_id, operator_id=operator_id, role=role.title)
    sessions = Sessions(leadline.database, next(iter(roles)))
    return await sessions.begin(operator_id, Visitor("127.0.0.1", "Firefox"))


@asynccontextmanager
async def signed_in(demo: Demo, browser: Browser, role: Role) -> AsyncIterator[Page]:
    """A tab of somebody with this role. `page.goto("/console/…")` leads into the console."""
    async with signed_in_by(await session_of(demo.leadline, role), demo, browser) as page:
        yield page


@asynccontextmanager
async def speaking_tab(demo: Demo, browser: Browser, language: str) -> AsyncIterator[Page]:
    """A tab of an owner who chose a language."""
    roles = {demo.leadline.workspace.workspace_id: Role.OWNER}
    token = await session_in(demo.leadline, f"{language}@example.com", roles, language)
    async with signed_in_by(token, demo, browser) as page:
        yield page


@asynccontextmanager
async def signed_in_by(token: str, demo: Demo, browser: Browser) -> AsyncIterator[Page]:
    """A tab with a session."""
    async with tab(browser, base_url=demo.places.leadline) as page:
        await page.context.add_cookies([{"name": COOKIE, "value": token, "url": demo.places.leadline}])
        yield page


async def park(demo: Demo | Town, name: str) -> None:
    """A message for a WhatsApp number nobody connected is kept and parked."""
    settings = demo.providers.of(WhatsAppFake).settings
    value = envelope(settings, {"messages": [MESSAGE | {"id": name, "text": {"body": f"Message {name}"}}]})
    value["entry"][0]["changes"][0]["value"]["metadata"]["phone_number_id"] = "999"
    headers, body = signed(settings, value)
    posted = await demo.providers.courier.post(demo.providers.of(WhatsAppFake).webhook_url, headers, body)
    assert posted.status == 200

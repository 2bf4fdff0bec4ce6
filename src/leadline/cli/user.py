"""`leadline user list|add|role|reset|unlink|remove`: the people who use the console."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated

import typer

from leadline.cli.asking import confirm
from leadline.cli.console import Columns, say, show
from leadline.cli.office import open_office
from leadline.cli.options import AsJson, Yes
from leadline.connections.mailing import Mail
from leadline.console.rights import MEANINGS, Role, role_of
from leadline.console.signin.handing import INVITATION, RESET, Handed, hand_over
from leadline.console.signin.operators import Operators
from leadline.errors import SettingError
from leadline.identity.words import counted
from leadline.settings import require

Email = Annotated[str, typer.Argument(help="Their e-mail address")]
ROLE_HELP = "owner, admin, agent or viewer"
Printed = Annotated[bool, typer.Option("--print", help="Print the link, although mail is set up")]
COLUMNS: Columns = {
    "Who": "email",
    "Role": "role",
    "Can sign in": "ready",
    "Signs in with": lambda row: ", ".join(row["accounts"]),
    "Last seen": "seen_at",
    "Open sessions": "sessions",
}


def list_(as_json: AsJson = False) -> None:
    """List who uses the console, and as what."""

    async def work(operators: Operators) -> None:
        show(await operators.listed(), COLUMNS, as_json=as_json, empty="Nobody yet: leadline user add")

    _run(work)


def add(
    email: Email,
    role: Annotated[str, typer.Option(help=ROLE_HELP)] = "agent",
    printed: Printed = False,
    as_json: AsJson = False,
) -> None:
    """Invite somebody, and mail or print their one-time link.

    They choose a password with it, within seven days. It is mailed where LEADLINE_SMTP_URL is set.
    """
    wanted = _role(role)

    async def work(operators: Operators, mail: Mail) -> None:
        link = await operators.invite(email, wanted)
        words = f"{email} is invited as {wanted.title}, who {MEANINGS[wanted]}."
        if link:
            handed = await hand_over(Mail() if printed else mail, INVITATION, email, link)
        else:
            handed = Handed(words=await operators.instead())
        told = {"email": email, "role": wanted.title, "link": handed.link, "trouble": handed.trouble}
        say((words, handed.words, *filter(None, (handed.link,))), told, as_json=as_json)

    _run_with_mail(work)


def role(email: Email, role: Annotated[str, typer.Argument(help=ROLE_HELP)], as_json: AsJson = False) -> None:
    """Give somebody another role.

    It holds at once, also for pages that are open.
    """
    wanted = _role(role)

    async def work(operators: Operators) -> None:
        await operators.give_role(email, wanted)
        words = f"The role of {email} is {wanted.title} now."
        say(words, {"email": email, "role": wanted.title}, as_json=as_json)

    _run(work)


def reset(email: Email, printed: Printed = False, as_json: AsJson = False) -> None:
    """Mail or print a one-time link for a new password.

    It is mailed where LEADLINE_SMTP_URL is set. The old password holds until the link is used, which must be within an
    hour. Using it ends all their sessions.
    """

    async def work(operators: Operators, mail: Mail) -> None:
        link = await operators.reset(email)
        handed = await hand_over(Mail() if printed else mail, RESET, email, link)
        told = {"email": email, "link": handed.link, "trouble": handed.trouble}
        say((handed.words, *filter(None, (handed.link,))), told, as_json=as_json)

    _run_with_mail(work)


def unlink(email: Email, yes: Yes = False, as_json: AsJson = False) -> None:
    """Forget the account with which somebody signs in.

    It is the one at Google, Microsoft, Okta or another provider. The next account there that has their e-mail address
    is linked instead, so make sure that the address is theirs.
    """
    if not yes:
        confirm(f"Forget with which account {email} signs in? The next one with this address is theirs.")

    async def work(operators: Operators) -> None:
        count = await operators.unlink(email)
        words = f"{email} is unlinked from {counted(count, 'account')}."
        say(words, {"email": email, "accounts": count}, as_json=as_json)

    _run(work)


def remove(email: Email, yes: Yes = False, as_json: AsJson = False) -> None:
    """Take somebody out, and sign them out everywhere.

    What they did stays in the audit.
    """
    if not yes:
        confirm(f"Take {email} out of the console?")

    async def work(operators: Operators) -> None:
        await operators.remove(email)
        say(f"{email} can no longer sign in.", {"removed": email}, as_json=as_json)

    _run(work)


def _run(work: Callable[[Operators], Awaitable[None]]) -> None:
    _run_with_mail(lambda operators, mail: work(operators))


def _run_with_mail(work: Callable[[Operators, Mail], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with open_office() as office:
            settings = office.settings
            require(settings, "public_url")
            operators = Operators(office.database, office.workspace_id, settings.public_url)
            await work(operators, Mail(settings.smtp_url, settings.smtp_from))

    asyncio.run(whole())


def _role(name: str) -> Role:
    found = role_of(name)
    if found is None:
        raise SettingError(f"There is no role '{name}'. The roles are {', '.join(role.title for role in Role)}")
    return found

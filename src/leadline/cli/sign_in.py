"""`leadline sign-in list|add|change|test|remove`: the providers by which people sign in to the console."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated

import typer

from leadline.cli.asking import ask, confirm
from leadline.cli.channel_values import secret_of
from leadline.cli.console import Columns, out, say, show
from leadline.cli.office import Office, open_office
from leadline.cli.options import AsJson, Yes
from leadline.console.oidc.discovery import NotDiscovered, discover
from leadline.console.oidc.providers import Change, NewProvider, Providers, address_back, checked_issuer, key_of
from leadline.console.oidc.words import unusable
from leadline.errors import SettingError
from leadline.settings import require
from leadline.store.opened import vault_of

Name = Annotated[str, typer.Argument(help="Name or number of the provider, as `sign-in list` shows it")]
Domains = Annotated[
    list[str] | None,
    typer.Option(
        "--domain", help="Whose people come in without an invitation, such as example.com; repeat it for each"
    ),
]
RoleName = Annotated[str, typer.Option("--role", help="What they become then: viewer or agent")]
SecretFile = Annotated[
    str, typer.Option("--client-secret-file", help="File with the client secret; else it is asked for")
]
COLUMNS: Columns = {
    "Number": "provider_id",
    "Name": "name",
    "Address": "issuer",
    "Without invitation": lambda row: f"{', '.join(row['domains'])}: {row['role']}" if row["role"] else "nobody",
    "Passwords too": "passwords",
    "Linked": "people",
}


def list_(as_json: AsJson = False) -> None:
    """List the providers people sign in with."""

    async def work(office: Office) -> None:
        rows = [
            row | {"address_back": address_back(office.settings.public_url, row["key"])}
            for row in await _of(office).listed()
        ]
        show(rows, COLUMNS, as_json=as_json, empty="Only passwords so far: leadline sign-in add")

    _run(work)


def add(
    name: Annotated[str, typer.Argument(help="What stands on the button, such as Google")],
    issuer: Annotated[str, typer.Argument(help="The provider's address, such as https://accounts.google.com")],
    client_id: Annotated[str, typer.Option(help="Client id that the provider shows; else it is asked for")] = "",
    client_secret_file: SecretFile = "",
    domain: Domains = None,
    role: RoleName = "",
    as_json: AsJson = False,
) -> None:
    """Let people sign in with a provider.

    Without --domain and --role it lets in whom an owner has invited, and nobody else. The provider is asked first; then
    the address to enter there is printed, and what the provider shows for it is asked for. Roles are given in Leadline.
    """

    async def work(office: Office) -> None:
        wanted = checked_issuer(issuer)
        await _discovered(office, name, wanted)
        back = address_back(office.settings.public_url, key_of(office.workspace_id, wanted))
        if not as_json:
            out.print(f"At the provider enter this address for the way back (redirect URI):\n{back}")
        new = NewProvider(
            name=name,
            issuer=wanted,
            client_id=client_id or ask("Client id", "--client-id").strip(),
            client_secret=secret_of(client_secret_file, "Client secret", "--client-secret-file"),
            domains=domain or (),
            role=role,
        )
        await _of(office).add(new)
        words = f"People sign in with {name} from now on. Passwords stay allowed until you switch them off."
        say(words, {"added": name, "address_back": back}, as_json=as_json)

    _run(work)


def change(
    name: Name,
    new_name: Annotated[str, typer.Option("--name", help="What stands on the button from now on")] = "",
    client_secret_file: Annotated[str, typer.Option(help="File with a new client secret")] = "",
    domain: Domains = None,
    role: RoleName = "",
    invited_only: Annotated[bool, typer.Option("--invited-only", help="Let in only people who are invited")] = False,
    passwords: Annotated[
        bool | None, typer.Option("--passwords/--no-passwords", help="Whether people may sign in with a password, too")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Change whom a provider lets in, its name or its secret.

    What you do not name stays. Another client id or address is another provider: add it and remove this one. With
    --no-passwords whoever is signed in with a password is signed out of this workspace.
    """
    if invited_only and (domain or role):
        raise SettingError("Either --invited-only, or --domain with --role")

    async def work(office: Office) -> None:
        wanted = Change(
            name=new_name or None,
            client_secret=secret_of(client_secret_file, "", "") if client_secret_file else None,
            domains=() if invited_only else domain,
            role="" if invited_only else role or None,
            passwords=passwords,
        )
        await _of(office).change(name, wanted)
        say(f"{new_name or name} is changed.", {"changed": new_name or name}, as_json=as_json)

    _run(work)


def try_(name: Name, as_json: AsJson = False) -> None:
    """Check that people can sign in with a provider now.

    The exit code is 1 when it cannot be asked. Whether it takes the client secret shows when somebody signs in.
    """

    async def work(office: Office) -> None:
        provider = await _of(office).by_name(name)
        await _discovered(office, provider.name, provider.issuer)
        back = address_back(office.settings.public_url, provider.key)
        words = (f"{provider.name} answers.", f"People come back to {back}")
        say(words, {"answers": provider.name, "address_back": back}, as_json=as_json)

    _run(work)


def remove(name: Name, yes: Yes = False, as_json: AsJson = False) -> None:
    """Stop letting people in through a provider.

    Everybody who is signed in through it is signed out. People and their roles stay.
    """
    if not yes:
        confirm(f"Let nobody in by {name} any more? Who signed in by it is signed out.")

    async def work(office: Office) -> None:
        removed = await _of(office).remove(name)
        say(f"Nobody comes in by {removed} any more.", {"removed": removed}, as_json=as_json)

    _run(work)


def _run(work: Callable[[Office], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with open_office() as office:
            require(office.settings, "public_url", "secret_key")
            await work(office)

    asyncio.run(whole())


def _of(office: Office) -> Providers:
    return Providers(office.database, vault_of(office.settings), office.workspace_id)


async def _discovered(office: Office, name: str, issuer: str) -> None:
    try:
        await discover(issuer, office.settings.media_allowed)
    except NotDiscovered as error:
        raise SettingError(unusable(name, str(error))) from error

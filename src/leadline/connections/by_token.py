"""Connecting a workspace by the access token of its app, once that is proved. `leadline workspace` and the console's
set-up ask here.
"""

from __future__ import annotations

from leadline.connections.roster import Environment, MakeClient
from leadline.connections.workspaces import learn
from leadline.errors import Retry, SettingError
from leadline.intercom import permissions, regions
from leadline.intercom.account import Me
from leadline.intercom.client import is_token
from leadline.intercom.outcomes import Misdirected, Unauthorized
from leadline.model import Struct
from leadline.store.database import Database
from leadline.store.workspaces import WorkspaceStore

COPY = "Copy the access token again: Developer Hub, your app, Configure, Authentication"


class Access(Struct, frozen=True, kw_only=True):
    """What an operator gives. client_secret: empty to keep the workspace's own, or where the installation's signs."""

    token: str
    client_secret: str


class ByToken:
    """Proves an access token and keeps it. environment: where Intercom's API is looked for first, and the client
    secret of a workspace that has none of its own.
    """

    def __init__(self, database: Database, store: WorkspaceStore, client: MakeClient, environment: Environment) -> None:
        self._database = database
        self._store = store
        self._client = client
        self._url = environment.url
        self._secret = environment.client_secret

    async def connect(self, access: Access, *, author: str, only: str = "") -> Me:
        """Put the token's workspace on record, with the token. Running processes serve it at once.

        only: the workspace it must be of. Raises SettingError, which says what is wrong; then nothing is kept.
        """
        url, me = await self._found(access.token)
        client = self._client(url=url, token=access.token)
        if lacking := await permissions.missing(client):
            raise SettingError(
                f"Intercom knows the token, of {me.name or me.workspace_id}, but its app lacks permissions: "
                f"{', '.join(lacking)}. Tick them in the Developer Hub under Configure, Authentication, save, and try "
                "again."
            )
        if not (access.client_secret or self._secret or await self._has_secret(me.workspace_id)):
            raise SettingError(
                "The token is good. The app's client secret is needed, too: without it Leadline believes nothing that "
                "Intercom sends. Copy it from the Developer Hub, Configure, Basic information."
            )
        await learn(self._database, client, {}, only=only)
        await self._store.connect(
            me.workspace_id,
            way="token",
            url=url,
            token=access.token,
            client_secret=access.client_secret,
            author=author,
        )
        return me

    async def _has_secret(self, workspace_id: str) -> bool:
        return any(row.workspace_id == workspace_id and row.client_secret for row in await self._store.listed())

    async def _found(self, token: str) -> tuple[str, Me]:
        """The address at which the token is good, and whose it is."""
        if not is_token(token):
            raise SettingError(f"This is no access token: it has spaces or other signs that none has. {COPY}.")
        try:
            return await regions.find(lambda url: self._client(url=url, token=token), self._url)
        except Unauthorized as error:
            raise SettingError(self._unknown) from error
        except Misdirected as error:
            raise SettingError(
                f"{self._url} is not the address of Intercom's API: it leads elsewhere. {error}"
            ) from error
        except Retry as error:
            raise SettingError(f"Intercom does not answer, so the token is not proved: {error}. Try again.") from error

    @property
    def _unknown(self) -> str:
        """Said of a token that no address knows."""
        asked = regions.addresses(self._url)
        if len(asked) > 1:
            return f"Intercom knows this token in none of its regions ({', '.join(regions.HOSTS)}). {COPY}."
        return (
            f"Intercom at {asked[0]} does not know this token. It may be one of another region, or revoked. {COPY}, or "
            "set LEADLINE_INTERCOM_URL to the address of your region."
        )

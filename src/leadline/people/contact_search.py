"""Which contact of Intercom a person means by what they have at hand. Asked through `merging/desk.py`."""

from __future__ import annotations

import re

from leadline.connections.workspaces import Workspace, Workspaces
from leadline.identity import phone, variants
from leadline.identity.merge_refusals import refused
from leadline.intercom import contacts, searches
from leadline.intercom.client import IntercomError, NotFound, path
from leadline.intercom.contacts import Contact
from leadline.model import Candidate

MOST_FOUND = 10
_INTERCOM_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{24}(?![0-9a-f])")
_APP = re.compile(r"/(?:apps|inbox)/([0-9a-z]+)/", re.IGNORECASE)


def intercom_id(text: str) -> str:
    """The one Intercom id in this text; empty where there is none, or more."""
    found = _INTERCOM_ID.findall(text.lower())
    return str(found[0]) if len(found) == 1 else ""


class ContactSearch:
    """Finds contacts by id, address of their profile, user id, e-mail or phone.

    region: ISO country of phones written without a country code.
    """

    def __init__(self, workspaces: Workspaces, *, region: str = "") -> None:
        self._workspaces = workspaces
        self._region = region

    async def find(self, workspace_id: str, text: str) -> tuple[Contact, ...]:
        """Contacts a person may mean: by Intercom id, pasted address of a profile, user id, e-mail or phone.

        All that fit, at most 10, the last updated first; empty for nobody. Raises MergeRefused for another workspace.
        """
        text = text.strip()
        workspace = await self._workspaces.get(workspace_id)
        if (app := _APP.search(text)) and app[1].lower() != workspace_id.lower():
            raise refused("another_workspace", name=text)
        found: dict[str, Contact] = {}
        for key in [*_INTERCOM_ID.findall(text.lower()), *await self._searched(workspace, text)][:MOST_FOUND]:
            contact = await contacts.get(workspace.client, key)
            if contact is not None:
                found[contact.contact_id] = contact
        return tuple(sorted(found.values(), key=lambda each: (-each.updated_at, each.contact_id)))

    async def _searched(self, workspace: Workspace, text: str) -> list[str]:
        if not text or "://" in text:
            return []
        hits: list[Candidate] = [*await searches.by_field(workspace.client, "external_id", text)]
        if "@" in text:
            hits += await searches.by_field(workspace.client, "email", text)
        if number := phone.canonical(text, region=self._region):
            hits += await self._with_phone(workspace, number)
        exact = await self._user(workspace, text)
        return [*dict.fromkeys(([exact] if exact else []) + [hit.contact_id for hit in hits])]

    async def _user(self, workspace: Workspace, text: str) -> str:
        """The user of this external id, read at once: the search lags by minutes."""
        try:
            raw = await workspace.client.call("GET", path("/contacts/find_by_external_id/{}", text))
        except NotFound as missing:
            return str(getattr(missing, "canonical_id", None) or "")
        except IntercomError:
            return ""
        contact = contacts.read(raw)
        return contact.contact_id if contact else ""

    async def _with_phone(self, workspace: Workspace, number: str) -> list[Candidate]:
        hits = await searches.by_phone(
            workspace.client,
            variants.spellings(number, region=self._region),
            variants.lines(number),
            formatted=workspace.formatted_phone,
        )
        return [hit for hit in hits if variants.same_line(hit.phone, number, region=self._region)]

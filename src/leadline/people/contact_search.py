"""Which contact of Intercom a person means by what they have at hand. Asked through `merging/desk.py`."""

from __future__ import annotations

import re
import unicodedata

from leadline.connections.workspaces import Workspace, Workspaces
from leadline.directory.find import Find
from leadline.identity import phone_fields, variants
from leadline.identity.merge_refusals import refused
from leadline.intercom import contacts, searches
from leadline.intercom.contacts import Contact
from leadline.intercom.outcomes import IntercomError, NotFound
from leadline.intercom.routes import path
from leadline.model import Candidate

MOST_FOUND = 10
_INTERCOM_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{24}(?![0-9a-f])")
_APP = re.compile(r"/(?:apps|inbox)/([0-9a-z]+)/", re.IGNORECASE)


def intercom_id(text: str) -> str:
    """The one Intercom id in this text; empty where there is none, or more."""
    found = _INTERCOM_ID.findall(text.lower())
    return str(found[0]) if len(found) == 1 else ""


class ContactSearch:
    """Finds contacts by id, address of their profile, user id, e-mail, phone or (parts of) their name."""

    def __init__(self, workspaces: Workspaces, directory: Find) -> None:
        self._workspaces = workspaces
        self._directory = directory

    async def find(self, workspace_id: str, text: str) -> tuple[Contact, ...]:
        """Contacts a person may mean, in whatever form they have it at hand; also copied with invisible characters.

        All that fit, at most 10, the last updated first; empty for nobody. Names and parts of names are found by the
        directory, once it is filled. Raises MergeRefused for another workspace.
        """
        text = visible(text)
        workspace = await self._workspaces.get(workspace_id)
        if (app := _APP.search(text)) and app[1].lower() != workspace_id.lower():
            raise refused("another_workspace", name=text)
        found: dict[str, Contact] = {}
        for key in [*_INTERCOM_ID.findall(text.lower()), *await self._searched(workspace, text)][:MOST_FOUND]:
            contact = await contacts.get(workspace.client, key)
            if contact is not None:
                found[contact.contact_id] = contact
        return tuple(sorted(found.values(), key=lambda each: (-each.updated_at, each.contact_id)))

    async def is_surely(self, workspace_id: str, contact: Contact, text: str) -> bool:
        """Whether the text by which `find` found this contact is its id, user id, e-mail or phone: more than a name."""
        text = visible(text)
        if contact.contact_id in text.lower() or text in (contact.external_id, contact.email):
            return True
        if "@" in text:
            return text.casefold() == contact.email.casefold()
        return bool(phone_fields.read(text, region=await self._directory.region(workspace_id)))

    async def _searched(self, workspace: Workspace, text: str) -> list[str]:
        """Ids of contacts with exactly this, and of those the directory knows by it."""
        if not text or "://" in text:
            return []
        region = await self._directory.region(workspace.workspace_id)
        hits: list[Candidate] = [*await searches.by_field(workspace.client, "external_id", text)]
        if "@" in text:
            hits += await searches.by_field(workspace.client, "email", text)
        for number in phone_fields.read(text, region=region):
            hits += await self._with_phone(workspace, number, region)
        exact = await self._user(workspace, text)
        known = await self._directory.text(workspace.workspace_id, text) if not (hits or exact) else ()
        ids = [exact, *(hit.contact_id for hit in hits), *(one.contact_id for one in known)]
        return [*dict.fromkeys(filter(None, ids))]

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

    async def _with_phone(self, workspace: Workspace, number: str, region: str) -> list[Candidate]:
        hits = await searches.by_phone(
            workspace.client,
            variants.spellings(number, region=region),
            variants.lines(number),
            formatted=workspace.formatted_phone,
        )
        return [hit for hit in hits if variants.same_line(hit.phone, number, region=region)]


def visible(text: str) -> str:
    """What a person sees of a text: copied from a page it may hold characters that nobody sees."""
    return " ".join("".join(char for char in text if unicodedata.category(char) != "Cf").split())

"""Which person somebody means by what they have at hand. The console and `leadline person` ask it."""

from __future__ import annotations

import re
from contextlib import suppress

from leadline.connections.workspaces import Workspaces
from leadline.directory.find import Find
from leadline.errors import BadHandle, SettingError
from leadline.people import Corrections
from leadline.privacy.person import Persons
from leadline.privacy.whom import Whom
from leadline.store.database import Database
from leadline.store.queries import queries

CONTACT_ID = re.compile(r"[0-9a-f]{24}", re.ASCII)


async def meant(database: Database, find: Find, workspace_id: str, who: str) -> Whom:
    """The person of a phone, an address, an e-mail or an Intercom id; raises SettingError where that is nobody's."""
    contacts, handles = set(), set()
    if CONTACT_ID.fullmatch(who):
        contacts.add(who)
    elif "@" in who and ":" not in who:
        async with database.connection() as connection:
            rows = queries.contacts_by_email(connection, workspace_id=workspace_id, email=who)
            contacts |= {row["contact_id"] async for row in rows}
    else:
        with suppress(BadHandle):
            handles.add(await Corrections(database, Workspaces(), find).read_handle(workspace_id, who))
    if not contacts and not handles:
        raise SettingError(f"'{who}' is nobody on record. Give a phone, an address, an e-mail or an Intercom id")
    return await Persons(database).find(workspace_id, contacts=contacts, handles=handles)

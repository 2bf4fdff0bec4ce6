"""A link that rests on a phone follows it: when it leaves the contact in Intercom, the next message decides anew.

`following.py` calls it for what the directory learns; `identity/decide.py` reads the doubt that it leaves on the link.
"""

from __future__ import annotations

from collections.abc import Sequence

from leadline.directory import keys, stored
from leadline.directory.stored import Change
from leadline.model import Handle
from leadline.store.database import Connection
from leadline.store.queries import queries

LEFT = "phone_left"


async def moved(connection: Connection, workspace_id: str, changes: Sequence[Change], *, region: str) -> None:
    """Mark the links whose phone has left its contact, and take the mark off where it came back."""
    changed = {change.contact_id: change for change in changes if change.keys != change.old_keys}
    rows = queries.phones_of_contacts(connection, workspace_id=workspace_id, contact_ids=[*changed])
    linked = [row async for row in rows] if changed else []
    if not linked:
        return
    region = region or (await stored.state(connection, workspace_id)).region
    left, back = [], []
    for row in linked:
        change = changed[row["contact_id"]]
        sought = set(keys.of_line(Handle.parse(row["handle"]).value, region=region, whatsapp=True))
        if sought & change.keys:
            back += [row["handle"]] if LEFT in row["doubt"] else []
        elif sought & change.old_keys:
            left.append(row["handle"])
    await queries.phones_left(connection, workspace_id=workspace_id, handles=left)
    await queries.phones_back(connection, workspace_id=workspace_id, handles=back)

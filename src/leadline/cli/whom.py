"""The one contact of Intercom that somebody named on the command line. For commands that act on it."""

from __future__ import annotations

from leadline.app import Leadline
from leadline.errors import SettingError
from leadline.intercom.contacts import Contact
from leadline.people.contact_search import MOST_FOUND

SURELY = "Intercom id, user id, e-mail, phone or link to a profile"


async def contact_named(leadline: Leadline, text: str, *, sure: str = "", advice: str = "") -> Contact:
    """The one contact a person means; raises SettingError naming all that fit.

    sure: why a name, or a part of one, is not enough; empty where the person is shown whom it found, and asked.
    advice: what else may be done where nobody fits.
    """
    workspace_id = leadline.workspace.workspace_id
    found = await leadline.search.find(workspace_id, text)
    if not found:
        raise SettingError(
            f"No contact in Intercom fits '{text}'. Give an {SURELY}. For some minutes Intercom finds a new contact by "
            f"its id only. {advice}".rstrip()
        )
    if len(found) > 1:
        many = f"{len(found)} contacts{' or more' if len(found) == MOST_FOUND else ''}"
        raise SettingError(f"'{text}' fits {many}. Give the id of one: {'; '.join(map(line, found))}")
    if sure and not await leadline.search.is_surely(workspace_id, found[0], text):
        raise SettingError(f"'{text}' fits {line(found[0])}, but only by its name. {sure} Give its {SURELY}.")
    return found[0]


def line(contact: Contact) -> str:
    """A contact with all by which people tell it from others."""
    return " ".join(filter(None, (contact.contact_id, contact.role.value, contact.name, contact.email, contact.phone)))

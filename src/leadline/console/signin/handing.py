"""How a one-time link gets to whom it is for: by mail where the server is set up for it, else by whoever asked for it.

The team page and `leadline user` hand links over with it. A link that was mailed is shown to nobody else.
"""

from __future__ import annotations

from leadline.connections.mailing import Mail, NotMailed
from leadline.console.language import _, marked
from leadline.errors import SettingError
from leadline.model import Struct


class Kind(Struct, frozen=True, kw_only=True):
    """Of a link: what its mail says, and what whoever asked for it reads."""

    subject: str
    body: str
    mailed: str
    by_hand: str


INVITATION = Kind(
    subject=marked("You are invited to Leadline"),
    body=marked(
        "You are invited to Leadline's console. Open this address within seven days to choose a password; it can be "
        "used once:\n\n{link}\n\nIf you do not know what this is about, do nothing."
    ),
    mailed=marked("{email} got the link by mail. It can be used once, within seven days."),
    by_hand=marked("Give {email} this link. It can be used once, within seven days; it is not shown again."),
)
RESET = Kind(
    subject=marked("Choose a new password for Leadline"),
    body=marked(
        "Open this address within an hour to choose a new password for Leadline; it can be used once:\n\n{link}\n\n"
        "If you did not ask for it, do nothing: your present password stays."
    ),
    mailed=marked("{email} got the link by mail. It can be used once, within an hour."),
    by_hand=marked("Give {email} this link. It can be used once, within an hour; it is not shown again."),
)


class Handed(Struct, frozen=True, kw_only=True):
    """What came of it. words: for whoever asked. link: to be given by hand; empty where it was mailed."""

    words: str
    link: str = ""
    trouble: str = ""


async def hand_over(mail: Mail, kind: Kind, email: str, link: str) -> Handed:
    """Mail it where mail is set up; where the mail server refuses it, say so, so that nobody waits for it."""
    email = email.strip()
    by_hand = _(kind.by_hand, email=email)
    if not mail.url:
        return Handed(words=by_hand, link=link)
    try:
        await mail.send(email, _(kind.subject), _(kind.body, link=link))
    except (NotMailed, SettingError) as error:
        trouble = _("The link could not be mailed: {why}.", why=error)
        return Handed(words=f"{trouble} {by_hand}", link=link, trouble=str(error))
    return Handed(words=_(kind.mailed, email=email))

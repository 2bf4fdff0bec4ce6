"""Which role may do what: the one table. Every page and every button of the console names a right in it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Protocol

from leadline.console.language import _, marked
from leadline.model import Struct


class Role(IntEnum):
    """Each may do what those below it may."""

    VIEWER = 1
    AGENT = 2
    ADMIN = 3
    OWNER = 4

    @property
    def title(self) -> str:
        """As the database, the CLI and settings name it."""
        return self.name.lower()

    @property
    def shown(self) -> str:
        """As the reader's language names it."""
        return _(NAMES[self])

    @property
    def meaning(self) -> str:
        """What it may do, in the reader's language."""
        return _(MEANINGS[self])


NAMES: Mapping[Role, str] = {
    Role.VIEWER: marked("viewer"),
    Role.AGENT: marked("agent"),
    Role.ADMIN: marked("admin"),
    Role.OWNER: marked("owner"),
}
MEANINGS: Mapping[Role, str] = {
    Role.VIEWER: marked("sees messages and people, changes nothing"),
    Role.AGENT: marked("also corrects, merges, retries and sends"),
    Role.ADMIN: marked("also looks after channels, settings and alerts, exports and erases people, reads the audit"),
    Role.OWNER: marked("also invites people and gives roles"),
}


class Right(Struct, frozen=True):
    """What a page or a button needs. least: the role from which on people have it. meaning: what it lets them do."""

    least: Role
    meaning: str


RIGHTS: Mapping[str, Right] = {
    "look": Right(Role.VIEWER, "see messages, people and what became of them"),
    "account": Right(Role.VIEWER, "see and end their own sessions, and change their own password"),
    "confirm": Right(Role.AGENT, "confirm a contact that was chosen in doubt"),
    "correct": Right(Role.AGENT, "change which contact an address belongs to"),
    "consent": Right(Role.AGENT, "note that a customer refuses messages, or takes them again"),
    "merge": Right(Role.AGENT, "merge two contacts, or say that they are not the same person"),
    "undo": Right(Role.AGENT, "undo a merge or a correction"),
    "retry": Right(Role.AGENT, "try a message again that is parked or waits"),
    "send": Right(Role.AGENT, "send templates, first messages and test messages"),
    "system": Right(Role.AGENT, "see how the parts of Leadline are doing"),
    "drop": Right(Role.ADMIN, "give a parked message up"),
    "person": Right(Role.ADMIN, "export or erase what is on record about a person"),
    "channels": Right(Role.ADMIN, "connect, change, pause and remove channels"),
    "settings": Right(Role.ADMIN, "change settings"),
    "alerts": Right(Role.ADMIN, "say where alerts go"),
    "api_keys": Right(Role.ADMIN, "make and revoke keys of the API"),
    "webhooks": Right(Role.ADMIN, "say which other systems are told what happens"),
    "audit": Right(Role.ADMIN, "read and export the audit"),
    "setup": Right(Role.ADMIN, "use the set-up"),
    "team": Right(Role.OWNER, "invite people, give them roles, remove them, and say how they sign in"),
}


class Seat(Struct, frozen=True, kw_only=True):
    """Somebody who is signed in to a workspace. `session_id` is 0 in the demo, which asks nobody to sign in.

    language: the one they chose; empty for their browser's.
    """

    workspace_id: str
    operator_id: int
    email: str
    role: Role
    session_id: int = 0
    language: str = ""

    def may(self, right: str) -> bool:
        """Whether the role has this right; raises KeyError for a right that is not in the table."""
        return self.role >= RIGHTS[right].least


class SeatNow(Protocol):
    """Whose a session's token is at this moment; None when the session is over, or has no seat where it wants to be."""

    async def __call__(self, token: str, *, used: bool, workspace_id: str = "") -> Seat | None:
        """`used`: the person does something, which a page that keeps itself up to date does not.

        workspace_id: the one that is asked for; empty for the one this person was in last.
        """


def role_of(name: str) -> Role | None:
    """The role of a name as people type it; None for what is none."""
    return Role.__members__.get(name.strip().upper())

"""Which role may do what: the one table. Every page and every button of the console names a right of it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Protocol

from leadline.model import Struct


class Role(IntEnum):
    """Each may do what those below it may."""

    VIEWER = 1
    AGENT = 2
    ADMIN = 3
    OWNER = 4

    @property
    def title(self) -> str:
        return self.name.lower()


MEANINGS: Mapping[Role, str] = {
    Role.VIEWER: "sees messages and people, changes nothing",
    Role.AGENT: "also corrects, merges, retries and sends",
    Role.ADMIN: "also looks after channels, settings and alerts, exports and erases people, reads the audit",
    Role.OWNER: "also invites people and gives roles",
}

RIGHTS: Mapping[str, Role] = {
    "look": Role.VIEWER,  # every page that only shows customers' messages and what became of them
    "account": Role.VIEWER,  # one's own sessions and password
    "confirm": Role.AGENT,  # a doubtful decision
    "correct": Role.AGENT,  # which contact an address belongs to
    "consent": Role.AGENT,  # note that a customer refuses messages, or takes them again
    "merge": Role.AGENT,  # two contacts, also to say that they are not the same
    "undo": Role.AGENT,  # a merge or a correction
    "retry": Role.AGENT,  # what is parked or waits
    "send": Role.AGENT,  # templates, first messages, test messages
    "system": Role.AGENT,  # how the parts do
    "drop": Role.ADMIN,  # give a parked message up
    "person": Role.ADMIN,  # export or erase what is kept of somebody
    "channels": Role.ADMIN,  # connect, change, rotate, pause, remove
    "settings": Role.ADMIN,
    "alerts": Role.ADMIN,
    "api_keys": Role.ADMIN,  # keys by which other systems use the API
    "audit": Role.ADMIN,  # read and export it
    "setup": Role.ADMIN,  # the set-up wizard
    "team": Role.OWNER,  # who uses the console, and as what
}


class Seat(Struct, frozen=True, kw_only=True):
    """Somebody who is signed in to a workspace. `session_id` is 0 in the demo, which asks nobody to sign in."""

    workspace_id: str
    operator_id: int
    email: str
    role: Role
    session_id: int = 0

    def may(self, right: str) -> bool:
        """Whether the role has this right; raises KeyError for a right that is not in the table."""
        return self.role >= RIGHTS[right]


class SeatNow(Protocol):
    """Whose a session's token is at this moment; None when the session is over, or has no seat where it wants to be."""

    async def __call__(self, token: str, *, used: bool, workspace_id: str = "") -> Seat | None:
        """`used`: the person does something, which a page that keeps itself up to date does not.

        workspace_id: the one that is asked for; empty for the one this person was in last.
        """


def role_of(name: str) -> Role | None:
    """The role of a name as people type it; None for what is none."""
    return Role.__members__.get(name.strip().upper())

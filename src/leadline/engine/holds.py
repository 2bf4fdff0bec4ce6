"""What a worker holds: a lane with its lease. Whoever writes to the outside asks here first. Made by `lanes.py`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextvars import ContextVar

from leadline.engine.session import Session
from leadline.errors import Lost
from leadline.model import Struct

LEASE = 30.0  # seconds a lane is held without a word of its worker
RENEW = 5.0  # seconds between two renewals
SAFETY = 2.0  # seconds by which the worker believes less than the database does


class Place(Struct, frozen=True):
    """One lane's row, as it was leased."""

    lane: str
    epoch: int


class Hold:
    """A lane that this worker has, and with it those of the sender's other addresses.

    Only the worker's own clock is asked, and only for how long something took: the lease began after `asked`.
    """

    def __init__(self, session: Session, workspace_id: str, places: Sequence[Place], asked: float) -> None:
        self._session = session
        self.workspace_id = workspace_id
        self.lane, self.epoch = places[0].lane, places[0].epoch
        self.beside = tuple(places[1:])
        self.renewed(asked)

    @property
    def places(self) -> tuple[Place, ...]:
        return (Place(self.lane, self.epoch), *self.beside)

    @property
    def left(self) -> float:
        """Seconds for which the lane surely is this worker's; 0 when it may be another's already."""
        return max(0.0, self._until - time.monotonic()) if self._session.alive else 0.0

    def covers(self, others: Sequence[str]) -> bool:
        """Whether all these lanes are held."""
        return {*others} <= {place.lane for place in self.places}

    def check(self, seconds: float = 0.0) -> None:
        """Raises Lost unless the lane stays this worker's for so long.

        Nothing may be awaited between this and the call that it is asked for.
        """
        if self.left <= seconds:
            raise Lost(f"Lane {self.lane} may be another worker's by now")

    def renewed(self, asked: float) -> None:
        """The lease was prolonged, after this moment of the worker's own clock."""
        self._until = asked + LEASE - SAFETY


HOLD: ContextVar[Hold | None] = ContextVar("hold", default=None)
"""What the work under way holds, for those deep inside it; None outside of lanes. `lanes.py` sets it."""


def surely_held(seconds: float) -> None:
    """As `Hold.check`, for the work under way; nothing is checked outside of lanes."""
    if hold := HOLD.get():
        hold.check(seconds)

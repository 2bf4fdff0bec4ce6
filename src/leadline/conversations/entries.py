"""The entries of the ledger by which steps are begun and finished, for many lanes at once. `steps.py` writes them."""

from __future__ import annotations

import msgspec

from leadline.conversations.places import Place
from leadline.engine.holds import HOLD
from leadline.engine.ledger import Rows, Statement
from leadline.errors import Lost, Retry
from leadline.model import Struct
from leadline.store.queries import queries


class Begin(Struct, frozen=True, kw_only=True):
    """A step that is to be begun, in the name of the lane that is held. place: JSON, for a conversation to be opened.

    since: Intercom's time. settled: seconds after which the call can take no effect any more.
    """

    workspace_id: str
    owner: str
    step: int
    kind: str
    conversation_id: str
    body: str
    place: str | None
    since: float
    settled: float
    lane: str
    epoch: int


class Begun(Struct, frozen=True, kw_only=True):
    """fresh: this worker began it; else how far it is: done, or unsettled for so many seconds."""

    fresh: bool
    done: bool
    unsettled: float
    conversation_id: str
    part_id: str
    body: str
    since: float
    tries: int


class Finish(Struct, frozen=True, kw_only=True):
    """A step that was made, and where its conversation belongs, if that is to be known: see Place."""

    workspace_id: str
    owner: str
    step: int
    conversation_id: str
    part_id: str
    handle: str = ""
    channel_id: int = 0
    contact_id: str = ""
    sender: str = ""
    reply_ref: str = ""
    at: float | None = None


class Where(Struct, frozen=True, kw_only=True):
    """The sender and the contact of a message whose conversation is asked for. handles: JSON."""

    workspace_id: str
    owner: str
    handle: str
    handles: str
    channel_id: int
    contact_id: str


class State(Struct, frozen=True, kw_only=True):
    """kind: of the first write on record, None where there is none; then the conversation is the current one."""

    kind: str | None
    conversation_id: str


def begin(workspace_id: str, owner: str, step: int, kind: str, body: str, **values: object) -> Begin:
    """The entry of a step in the lane that is held now."""
    hold = HOLD.get()
    fields = {
        "workspace_id": workspace_id,
        "owner": owner,
        "step": step,
        "kind": kind,
        "body": body,
        "lane": hold.lane if hold else "",
        "epoch": hold.epoch if hold else 0,
    }
    return msgspec.convert(fields | values, Begin)


def finish(workspace_id: str, owner: str, step: int, made: tuple[str, str], place: Place | None) -> Finish:
    """The entry of a step that was made."""
    conversation_id, part_id = made
    known = msgspec.structs.asdict(place) if place else {}
    return Finish(
        workspace_id=workspace_id, owner=owner, step=step, conversation_id=conversation_id, part_id=part_id, **known
    )


def _begun(rows: Rows) -> Begun:
    [row] = rows
    if not row["held"]:
        raise Lost("Another worker has taken the lane")
    if row["tries"] is None:
        raise Retry("write_under_way", "Another worker has begun this write at the same moment")
    return msgspec.convert(row, Begun)


def _state(rows: Rows) -> State:
    return msgspec.convert(rows[0], State)


BEGIN = Statement[Begin, Begun](queries.begin_steps.sql, _begun)
FINISH = Statement[Finish, bool](queries.finish_steps.sql, bool, before=queries.hold_places.sql, rank=2)
STATE = Statement[Where, State](queries.thread_states.sql, _state, rank=6)

"""What the panel shows, as values: `panel` fills them in from everywhere, the other `inbox_*` modules draw them."""

from __future__ import annotations

from leadline.identity.words import phone, user_id
from leadline.model import Struct


class Hit(Struct, frozen=True, kw_only=True):
    """A contact to choose. `why`: score, reasons and quotes, where it is a suggestion."""

    contact_id: str
    role: str
    name: str = ""
    email: str = ""
    phone: str = ""
    external_id: str = ""
    why: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Under what people know this contact."""
        known = (self.name, self.email, self.phone, user_id(self.external_id))
        return phone(next((text for text in known if text.strip()), self.contact_id))


class SentLine(Struct, frozen=True, kw_only=True):
    """One message to the customer. `state` in words, `trouble` empty where it went well, `at` unix seconds."""

    outbound_id: str
    text: str
    state: str
    at: float
    author: str = ""
    trouble: str = ""
    code: str = ""
    detail: str = ""


class Line(Struct, frozen=True, kw_only=True):
    """How a customer is reached: a channel and an address on it. `key` names it in component ids, `handle` on record.

    window: seconds in which free text is allowed; None where the channel has no such limit, 0 when it is over.
    replies_left: of the `replies` the channel takes after each message of the customer's; None where it does not count.
    """

    key: str
    handle: str
    channel: str
    address: str
    window: float | None = None
    replies: int | None = None
    replies_left: int | None = None
    opted_out: bool = False
    templates: bool = False


class Record(Struct, frozen=True, kw_only=True):
    """One merge or correction of the past. `key` names it in component ids; empty `undo` where none is possible."""

    key: str
    title: str
    author: str
    at: float
    state: str = ""
    undo: bool = False


class Home(Struct, frozen=True, kw_only=True):
    """The first screen. `late` and `failed` name what is not there: still loading, or cannot be read.

    can: what is offered here (`merge`, `detach`, `attach`, `why_not`, `templates`, `write`, `sent`, `history`).
    last: the last merge or correction, when it can be taken back. joins: as in Outcome. news: what happened just now.
    """

    name: str
    role: str
    can: frozenset[str] = frozenset()
    line: Line | None = None
    code: str = ""
    sentences: tuple[str, ...] = ()
    doubtful: bool = False
    sent: tuple[SentLine, ...] = ()
    suggestions: tuple[Hit, ...] = ()
    others: int = 0
    last: Record | None = None
    joins: tuple[tuple[str, str], ...] = ()
    late: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    news: tuple[str, ...] = ()


class Compared(Struct, frozen=True, kw_only=True):
    """One field of both contacts, and what stays. outcome: as in `identity/merge_changes.py`.

    key: Intercom's name of the field. takeable: whether a teammate may choose which of the two values stays.
    """

    field: str
    source: str
    target: str
    kept: str
    outcome: str = "kept"
    key: str = ""
    takeable: bool = False


class Merging(Struct, frozen=True, kw_only=True):
    """A merge as it would happen. way: `merge`, `promote` or `reroute`; `moves` and `warnings` are sentences.

    keep_lost: whether a teammate wants what is lost as a note. checked: Intercom previewed it as well, and `apart` says
    where otherwise.
    """

    way: str
    source: Hit
    target: Hit
    fields: tuple[Compared, ...] = ()
    moves: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    keep_lost: bool = False
    checked: bool = False
    apart: tuple[str, ...] = ()


class Form(Struct, frozen=True, kw_only=True):
    """A template to fill in: `body` with the values so far, and for each variable what to type and what was typed."""

    name: str
    language: str
    body: str
    labels: tuple[str, ...]
    values: tuple[str, ...] = ()


class Outcome(Struct, frozen=True, kw_only=True):
    """How something ended. `undo`: the key of the record to take back. `more`: `sent` where that list tells more.

    `joins`: two conversations that can be merged now, each with its component id and in words.
    """

    title: str
    sentences: tuple[str, ...] = ()
    undo: str = ""
    more: str = ""
    joins: tuple[tuple[str, str], ...] = ()

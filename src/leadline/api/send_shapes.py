"""What the API takes and answers where messages are sent and templates shown. `endpoints.py` names them."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from leadline.api.patterns import NO_NUL
from leadline.api.shapes import Address, ChannelName, Given, Told

# -- templates ---------------------------------------------------------------------------------------------------------


class TemplateQuery(Given, frozen=True, kw_only=True):
    """Whose templates."""

    channel: ChannelName


class VariableShape(Told, frozen=True, kw_only=True):
    """One thing to fill in. asks: what to give, in words."""

    name: str
    asks: str


class TemplateShape(Told, frozen=True, kw_only=True):
    """An approved template. text: all that the customer sees, its variables in double braces. variables: in the order
    in which a send gives their values.

    A variable outside the text says where it stands: `header:1`, `file:image` (an address), `link:2` (the end of the
    address behind the second button), `code:1` (what the first button copies).
    """

    name: str
    language: str
    category: str
    text: str
    variables: tuple[VariableShape, ...]


class Templates(Told, frozen=True, kw_only=True):
    """The approved templates of a channel."""

    templates: tuple[TemplateShape, ...]


# -- sending -----------------------------------------------------------------------------------------------------------


class TemplateGiven(Given, frozen=True, kw_only=True):
    """An approved template. language: needed where several have its name. values: of its variables, in order."""

    name: Annotated[str, Meta(min_length=1, max_length=500)]
    language: Annotated[str, Meta(max_length=20)] = ""
    values: Annotated[tuple[Annotated[str, Meta(max_length=2_000, pattern=NO_NUL)], ...], Meta(max_length=50)] = ()


class TemplatePreview(Given, frozen=True, kw_only=True):
    """A template as it would be sent. address: whose contact proposes the values that are not given."""

    channel: ChannelName
    template: TemplateGiven
    address: Annotated[str, Meta(max_length=500)] = ""


class FilledTemplate(Told, frozen=True, kw_only=True):
    """A template filled in. values: those given, and those of the contact; empty where nobody knows one.

    text: what the customer would read. missing: the variables that keep it from being sent.
    """

    text: str
    values: tuple[str, ...]
    missing: tuple[VariableShape, ...]


class Send(Given, frozen=True, kw_only=True):
    """A message to a customer: a text, or a template. teammate_id: in whose name; theirs is also the answer.

    name: for a contact that is made because nobody has this address. conversation_id: of Intercom, where it is to be
    shown; without it that is the open conversation with this address, or a new one.
    """

    channel: ChannelName
    address: Address
    text: Annotated[str, Meta(max_length=10_000, pattern=NO_NUL)] = ""
    template: TemplateGiven | None = None
    conversation_id: Annotated[str, Meta(max_length=200)] = ""
    teammate_id: Annotated[str, Meta(max_length=200)] = ""
    name: Annotated[str, Meta(max_length=200, pattern=NO_NUL)] = ""


class Accepted(Told, frozen=True, kw_only=True):
    """The message is kept, and will be sent or said to have failed. message_id: for GET /messages/{message_id}."""

    message_id: str

"""Every setting of a workspace, once: its name, type, default, bounds and meaning. `registry.py` reads them from here.

A new setting is one field here and the place that acts by it. The command line, the console, the checks and the
reference page follow.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from leadline.identity import policy
from leadline.identity.policy import Policy, Tie
from leadline.model import Struct
from leadline.spaces import hours
from leadline.spaces.hours import Hours

CHANNEL = {"channel": True}  # a channel may have a value of its own
CHANNEL_SPAN = {"channel": True, "span": True}  # seconds, written as a span of time
SCHEDULE = {"channel": True, "schedule": True}  # a named schedule has a value of its own, too
SCHEDULE_SPAN = {"channel": True, "schedule": True, "span": True}
Closed = Literal["reopen", "new", "new_after"]
Often = Literal["message", "day", "conversation"]
Answers = Literal["both", "messenger"]
Words = Literal["leadline", "octopods"]
ACTS = ("merge", "undo", "correct", "send")


class WorkspaceSettings(Struct, frozen=True, kw_only=True):
    """What one workspace, or one of its channels, does its own way."""

    policy: Annotated[Tie, Meta(description="Which contact to choose when several have the phone number")] = (
        "latest_updated"
    )
    default_region: Annotated[
        str, Meta(description="Country (ISO code) of phone numbers stored without a country code. Empty: not known")
    ] = ""
    shared_limit: Annotated[
        int, Meta(description="A phone number on more contacts than this identifies nobody", ge=1, le=1_000)
    ] = 10
    recycled_after: Annotated[
        int,
        Meta(
            description="Days of silence after which a phone number may have a new owner. 0: never",
            ge=0,
            le=3_650,
        ),
    ] = 90
    blocked_numbers: Annotated[
        str,
        Meta(description="Phone numbers that identify nobody (switchboard, tests), separated by commas"),
    ] = ""
    default_teammate: Annotated[
        str,
        Meta(
            description="Id of the teammate who signs notes and what nobody else signs. Empty: the token's owner",
            max_length=40,
        ),
    ] = ""
    bot_replies: Annotated[
        bool, Meta(description="Also send the replies of Intercom's bots to customers", extra=CHANNEL)
    ] = False
    channel_attribute: Annotated[
        str,
        Meta(
            description="Contact attribute that holds the channel on which a lead first wrote",
            min_length=1,
            max_length=100,
        ),
    ] = "leadline_channel"
    channel_tag: Annotated[
        bool, Meta(description="Tag each new conversation with the name of its channel", extra=CHANNEL)
    ] = True
    channel_tag_words: Annotated[
        Words,
        Meta(
            description="Names of these tags: the provider's key, like twilio_sms, or Octopods' name, like twilio",
            extra=CHANNEL,
        ),
    ] = "leadline"
    channel_tag_name: Annotated[
        str,
        Meta(
            description="A name of your own for that tag. Empty: the name that Channel tag words chooses",
            max_length=100,
            extra=CHANNEL,
        ),
    ] = ""
    signature: Annotated[
        str,
        Meta(
            description="Text under a teammate's reply, with {first_name}, {name} and {team}. Empty: none",
            max_length=200,
            extra=CHANNEL,
        ),
    ] = ""
    signature_every: Annotated[
        Often,
        Meta(
            description="How often a teammate's signature is added: to each message, once a day, once a conversation",
            extra=CHANNEL,
        ),
    ] = "conversation"
    assign_to_sender: Annotated[
        bool,
        Meta(
            description="Assign the answer to a message begun in the panel to the teammate who began it", extra=CHANNEL
        ),
    ] = False
    messenger_answers: Annotated[
        Answers,
        Meta(
            description=(
                "Where a teammate's answer goes when the customer wrote last in Intercom's Messenger: to both, or to "
                "the Messenger alone"
            ),
            extra=CHANNEL,
        ),
    ] = "both"
    welcome: Annotated[
        str,
        Meta(
            description="Text for customers who write on the channel for the first time. Empty: none",
            max_length=1_000,
            extra=CHANNEL,
        ),
    ] = ""
    schedule: Annotated[
        str,
        Meta(
            description="Name of the schedule by which somebody is there. Empty: the opening hours that are set here",
            max_length=60,
            extra=CHANNEL,
        ),
    ] = ""
    opening_hours: Annotated[
        str,
        Meta(
            description="When somebody is there, like mon-fri 09:00-12:30, 13:30-18:00; sat 10:00-14:00. Empty: always",
            max_length=500,
            extra=SCHEDULE,
        ),
    ] = ""
    time_zone: Annotated[
        str, Meta(description="Time zone of the opening hours, like Europe/Dublin", max_length=60, extra=SCHEDULE)
    ] = "UTC"
    closed_dates: Annotated[
        str,
        Meta(
            description="Days on which nobody is there, like 2026-12-25, separated by commas",
            max_length=2_000,
            extra=SCHEDULE,
        ),
    ] = ""
    out_of_office: Annotated[
        str,
        Meta(
            description="Text for customers who write while nobody is there; {opens}: the next opening. Empty: none",
            max_length=1_000,
            extra=SCHEDULE,
        ),
    ] = ""
    out_of_office_pause: Annotated[
        int,
        Meta(
            description=("How long before a person is told again that nobody is there. off: after every message"),
            ge=0,
            le=31_536_000,
            extra=SCHEDULE_SPAN,
        ),
    ] = 14_400
    new_conversation_after: Annotated[
        int,
        Meta(
            description=("Silence after which the customer's next message starts a new conversation. off: never"),
            ge=0,
            le=31_536_000,
            extra=CHANNEL_SPAN,
        ),
    ] = 0
    closed_conversation: Annotated[
        Closed,
        Meta(
            description=(
                "What a customer's message does with a closed conversation: reopen it, begin a new one, or begin one "
                "only after a while"
            ),
            extra=CHANNEL,
        ),
    ] = "reopen"
    closed_longer_than: Annotated[
        int,
        Meta(
            description="With new after: how long a conversation must have been closed before a new one is begun",
            ge=0,
            le=31_536_000,
            extra=CHANNEL_SPAN,
        ),
    ] = 86_400
    mark_as_seen: Annotated[
        bool,
        Meta(description="Mark conversations as seen, so that Intercom does not e-mail about them", extra=CHANNEL),
    ] = False
    assign_new_to: Annotated[
        str,
        Meta(
            description=(
                "Who gets new conversations: teammate or team and the id, like team 5. Empty: Intercom's own routing"
            ),
            max_length=40,
            extra=CHANNEL,
        ),
    ] = ""
    may_merge: Annotated[
        str,
        Meta(description="Who may merge contacts in the panel: ids of teammates or team:<id>, with commas. Empty: all"),
    ] = ""
    may_undo: Annotated[
        str,
        Meta(description="Who may undo merges in the panel: ids of teammates or team:<id>, with commas. Empty: all"),
    ] = ""
    may_correct: Annotated[
        str,
        Meta(description="Who may correct links in the panel: ids of teammates or team:<id>, with commas. Empty: all"),
    ] = ""
    may_send: Annotated[
        str,
        Meta(description="Who may begin messages in the panel: ids of teammates or team:<id>, with commas. Empty: all"),
    ] = ""

    erase_deleted: Annotated[
        bool, Meta(description="Erase what is on record about a contact an hour after it was deleted in Intercom")
    ] = False

    @property
    def rules(self) -> Policy:
        """The identity policy; raises SettingError for a blocked number that is none."""
        return Policy(
            tie=self.policy,
            region=self.default_region,
            shared_limit=self.shared_limit,
            recycled_after=self.recycled_after * policy.DAY or None,
            blocked=_blocked(self.blocked_numbers, self.default_region),
        )

    @property
    def hours(self) -> Hours | None:
        """When somebody is there; None for always."""
        if not self.opening_hours:
            return None
        return Hours(week=hours.read(self.opening_hours), zone=self.time_zone, closed=hours.dates(self.closed_dates))

    @property
    def rights(self) -> dict[str, frozenset[str]]:
        """Who may do what in the panel, by act: ids of teammates or `team:<id>`. None: everybody may."""
        return {act: frozenset(listed(getattr(self, f"may_{act}"))) for act in ACTS}


@lru_cache(maxsize=1_024)
def _blocked(text: str, region: str) -> frozenset[str]:
    """Read once, not for every message."""
    return policy.numbers(listed(text), region=region)


def listed(text: str) -> tuple[str, ...]:
    """What stands between commas."""
    return tuple(filter(None, (each.strip() for each in text.split(","))))


FIELDS = msgspec.structs.fields(WorkspaceSettings)

"""Every setting of a workspace, once: its name, type, default, bounds and meaning. `registry.py` reads them from here.

A new setting is one field here and the place that acts by it. The command line, the console, the checks and the
reference page follow.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from leadline.identity import policy
from leadline.identity.policy import Policy, Tie
from leadline.model import Struct

CHANNEL = {"channel": True}  # a channel may have a value of its own
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
    channel_tag: Annotated[
        bool, Meta(description="Tag each new conversation with the name of its channel", extra=CHANNEL)
    ] = True
    channel_tag_name: Annotated[
        str,
        Meta(
            description="Name of that tag. Empty: the provider's name, like twilio_sms",
            max_length=100,
            extra=CHANNEL,
        ),
    ] = ""
    may_merge: Annotated[
        str,
        Meta(description="Ids of the teammates who may merge contacts in the panel, separated by commas. Empty: all"),
    ] = ""
    may_undo: Annotated[
        str,
        Meta(description="Ids of the teammates who may undo merges in the panel, separated by commas. Empty: all"),
    ] = ""
    may_correct: Annotated[
        str,
        Meta(description="Ids of the teammates who may correct links in the panel, separated by commas. Empty: all"),
    ] = ""
    may_send: Annotated[
        str,
        Meta(description="Ids of the teammates who may begin messages in the panel, separated by commas. Empty: all"),
    ] = ""

    @property
    def rules(self) -> Policy:
        """The identity policy; raises SettingError for a blocked number that is none."""
        return Policy(
            tie=self.policy,
            region=self.default_region,
            shared_limit=self.shared_limit,
            recycled_after=self.recycled_after * policy.DAY or None,
            blocked=policy.numbers(listed(self.blocked_numbers), region=self.default_region),
        )

    @property
    def rights(self) -> dict[str, frozenset[str]]:
        """Who may do what in the panel, by act: teammates' ids. Without ids everybody may."""
        return {act: frozenset(listed(getattr(self, f"may_{act}"))) for act in ACTS}


def listed(text: str) -> tuple[str, ...]:
    """What stands between commas."""
    return tuple(filter(None, (each.strip() for each in text.split(","))))


FIELDS = msgspec.structs.fields(WorkspaceSettings)

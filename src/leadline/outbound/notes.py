"""The notes for teammates about outbound messages. `failures.py` and `proactive.py` write them.

Pure: rows and values in, texts out.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from leadline.channels import reasons
from leadline.errors import LeadlineError
from leadline.identity.words import ended
from leadline.model import DeliveryState, Template
from leadline.outbound.outbox import Row, message_of
from leadline.outbound.templates import shown

TEMPLATES = 10
WORDS = 200  # characters of a provider's own words
NEEDS_TEMPLATE = ("window_closed", "template_required")


def failure(row: Row) -> str:
    """A message that failed, or whose delivery is unknown."""
    what = _quoted(message_of(row).text)
    if row["state"] == DeliveryState.UNKNOWN:
        fate = "may or may not have reached the customer, because the provider did not answer."
        return f"{what} {fate} Leadline does not send it again. Ask the customer, or send it again yourself."
    return f"{what} did not reach the customer: {reasons.sentence(row['reason'])}{_provider_says(row)}"


def stopped(rows: Sequence[Row]) -> str:
    """Pieces of one message that Leadline did not give to the provider."""
    text, reason = " ".join(filter(None, (message_of(row).text for row in rows))), rows[0]["reason"]
    what = "A reply" if reason == reasons.TAKEN_BACK else _quoted(text)  # whoever deletes it wants it shown nowhere
    return f"{what} was not sent: {reasons.sentence(reason)}"


def late(text: str, why: str, since: float) -> str:
    """A reply that waits. since: unix seconds."""
    when = f"{datetime.fromtimestamp(since, UTC):%H:%M}"
    cause = f"{why.rstrip('.')} (since {when} UTC)" if why else f"It waits since {when} UTC"
    return f"{_quoted(text)} is not sent yet. {cause}. Leadline sends it as soon as it can, and tells you here."


def late_is_over(*, all_sent: bool) -> str:
    """No reply waits any more."""
    return (
        "What waited here was sent now."
        if all_sent
        else "Nothing waits here any more. Other notes tell what was not sent."
    )


def given_up(text: str, error: Exception) -> str:
    """A reply that is parked: only an operator can have it sent."""
    why = str(error) if isinstance(error, LeadlineError) else "Leadline failed on it"
    return f"{_quoted(text)} was not sent. {why.rstrip('.')}. An operator can try again: see `leadline parked list`."


def crossed(channel_name: str, *, both: bool) -> str:
    """The customer answered in Intercom's Messenger, where a conversation of a channel shows, too."""
    where = f"The customer wrote this in Intercom's Messenger, not on {channel_name}."
    if both:
        return f"{where} Your answer goes to both."
    return f"{where} Your answer is shown in the Messenger alone, until they write on {channel_name} again."


def stuck(text: str) -> str:
    """A reply in a conversation whose first message waits for an operator, so that nobody knows where it goes."""
    return (
        f"{_quoted(text)} was not sent: the customer's first message is parked, so Leadline does not know where "
        "this reply goes. Ask an operator to retry that message (`leadline parked list`), then send your reply again."
    )


def offer(templates: Sequence[Template], channel_name: str) -> str:
    """The templates that can be sent instead, and how; empty when there are none."""
    if not templates:
        return ""
    listed = [f"- {shown(each)}: {_short(each.body)}" for each in templates[:TEMPLATES]]
    if len(templates) > TEMPLATES:
        listed.append(f"- and {len(templates) - TEMPLATES} more")
    how = (
        "Send one from Leadline in the sidebar of this conversation, or with "
        f"`leadline channel send-template {_argument(channel_name)} <template> --conversation <id>`."
    )
    return "\n".join(["Approved templates:", *listed, how])


def sent(text: str, channel_name: str, author: str, template: str, *, opened: bool) -> str:
    """A message that was not written in the conversation's own composer."""
    by = f" by {author}" if author else ""
    kind = f", template {template}" if template else ""
    return ended(f"Sent on {channel_name}{by}{kind}") if opened else f"Sent on {channel_name}{by}{kind}: {text}"


def _provider_says(row: Row) -> str:
    """The provider's own code and words, which say most where Leadline knows no better."""
    code = f" (provider code {row['code']})" if row["code"] else ""
    words = " ".join(row["detail"].split())
    return f"{code} The provider says: “{_short(words, WORDS)}”" if words else code


def _quoted(text: str) -> str:
    return f"“{_short(text)}”" if text else "An attachment"


def _short(text: str, longest: int = 80) -> str:
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def _argument(name: str) -> str:
    return f'"{name}"' if " " in name else name

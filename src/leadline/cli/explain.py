"""`leadline explain <message>`: who was chosen for a message, why, and what became of it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from datetime import datetime
from textwrap import shorten
from typing import Annotated, Any

import typer

from leadline.cli.console import out, show_json
from leadline.cli.office import Office, open_for_one, open_office
from leadline.cli.options import AsJson
from leadline.engine import parked
from leadline.errors import SettingError
from leadline.identity.reasons import title
from leadline.identity.redecide import NOBODY
from leadline.identity.words import addresses, phone
from leadline.inbound.story import tell
from leadline.intercom.pages import contact_page, conversation_page
from leadline.store.queries import queries

LONGEST_TEXT = 300
NUMBER = re.compile(r"\d{1,18}", re.ASCII)
OTHER_FIELDS = (
    "arrival_id", "kind", "channel", "customer", "name", "teammate", "text", "conversation_id", "state", "reason",
    "explanation", "attempts", "arrived_at",
)  # fmt: skip
WRITTEN = {"open": "opened", "reply": "added to", "note": "added a note to"}
STATES = {"waiting": "waiting", "done": "done", "parked": "parked", "dropped": "dropped"}


def explain(
    message: Annotated[str, typer.Argument(help="Leadline's number of the message, or the provider's id")],
    as_json: AsJson = False,
    contact_id: Annotated[str, typer.Option("--why-not", help="A contact's id: why the message did not go there")] = "",
) -> None:
    """Show which contact a message went to, and why.

    Also shows who else it could have been, and where the message is in Intercom.
    """
    asyncio.run(_explain(message, as_json) if not contact_id else _why_not(message, contact_id, as_json))


async def _why_not(message: str, contact_id: str, as_json: bool) -> None:
    async with open_for_one() as leadline:
        workspace_id = leadline.workspace.workspace_id
        async with leadline.database.connection() as connection:
            row = await queries.find_message(connection, workspace_id=workspace_id, message_id=message)
        if row is None:
            raise SettingError(f"No message has the number or provider id '{message}'")
        told = await leadline.left_out.why(workspace_id, row["joined_by"] or row["arrival_id"], contact_id)
    if as_json:
        show_json({"contact_id": contact_id, "sentences": [*told]})
        return
    for sentence in told:
        out.print(sentence)


async def _explain(message: str, as_json: bool) -> None:
    async with open_office() as office:
        if other := await _other(office, message):
            story, told = other, other_lines(other)
        else:
            story = await tell(office.database, office.workspace_id, message, office.space.rules)
            if decision := story["decision"]:
                decision["contact_page"] = contact_page(*await office.place(), decision["contact_id"] or "")
            told = lines(story)
    if as_json:
        show_json(story)
        return
    for line in told:
        out.print(line)


async def _other(office: Office, number: str) -> dict[str, Any] | None:
    """What is no customer's message but has a number: a reply, a report, a wish, a merge, something unreadable."""
    row = await parked.get(office.database, office.workspace_id, int(number)) if NUMBER.fullmatch(number) else None
    if row is None or row["kind"] == "message":
        return None
    link = conversation_page(*await office.place(), row["conversation_id"])
    return {name: row[name] for name in OTHER_FIELDS} | {"conversation": link or row["conversation_id"]}


def other_lines(story: dict[str, Any]) -> list[str]:
    """What is on record about something else than a customer's message, for people."""
    people = (("Channel", "channel"), ("Customer", "customer"), ("Name", "name"))
    told = [f"Number {story['arrival_id']}: {parked.title(story)}, {story['arrived_at']:%Y-%m-%d %H:%M:%S}"]
    told += [f"{label}: {phone(story[name])}" for label, name in people if story[name]]
    if story["text"]:
        told.append(f"Text: {shorten(story['text'], LONGEST_TEXT, placeholder=' …')}")
    if story["conversation"]:
        told.append(f"Conversation: {story['conversation']}")
    return [*told, f"State: {_state(story['state'], story['explanation'])}"]


def lines(story: dict[str, Any]) -> list[str]:
    """The story for people."""
    who = f"{story['name']} {addresses(story['handles']) or phone(story['sender'])}".strip()
    told = [
        f"Message {story['message']} from {who}, {_when(story['arrived_at'])}",
        f"Provider's id: {story['provider_id']}",
        f"Text: {shorten(story['text'], LONGEST_TEXT, placeholder=' …') or 'none'}",
        f"State: {_state(story['state'], story['state_explanation'])}",
    ]
    if story["parts"]:
        told.append(f"Joined from: messages {', '.join(map(str, story['parts']))}")
    told += _chosen(story["decision"]) if story["decision"] else ["Contact: not decided yet"]
    return told + [_written(step) for step in story["intercom"]]


def _chosen(decision: dict[str, Any]) -> Iterator[str]:
    """The contact, why, who else it could have been, and what other policies would have done."""
    names = {one["contact_id"]: _candidate(one) for one in decision["candidates"]}
    doubt = ", in doubt" if decision["doubtful"] else ""
    made = "new lead" if decision["code"] in NOBODY else "contact"
    chosen = names.get(decision["contact_id"], f"{made} {decision['contact_id']}")
    yield f"Contact: {chosen}{doubt}"
    yield from filter(None, [decision.get("contact_page", "")])
    yield f"Decided by: {title(decision['code'])} (policy {decision['policy']})"
    yield from (f"  {sentence}" for sentence in decision["sentences"])
    others = [name for contact_id, name in names.items() if contact_id != decision["contact_id"]]
    yield from (f"Not chosen: {name}" for name in others)
    yield from _otherwise(decision["otherwise"] or {}, names)


def _otherwise(others: dict[str, Any], names: dict[str, str]) -> list[str]:
    """Whom each other policy would have chosen; one line where all of them agree."""
    chosen = {
        tie: names.get(other["contact_id"], f"contact {other['contact_id']}") if other["contact_id"] else "a new lead"
        for tie, other in others.items()
    }
    if len(chosen) > 1 and len(set(chosen.values())) == 1:
        return [f"With any other policy: {next(iter(chosen.values()))}"]
    return [f"With policy {tie}: {whom}" for tie, whom in chosen.items()]


def _candidate(one: dict[str, Any]) -> str:
    return f"{one.get('name') or 'no name'}, {one['role']} {one['contact_id']}"


def _state(state: str, explanation: str) -> str:
    """The state and what is known about it: "done, in conversation 12", "parked: The body is not JSON"."""
    between = ", " if state == "done" else ": "
    return between.join(filter(None, (STATES[state], explanation)))


def _when(at: str) -> str:
    return f"{datetime.fromisoformat(at):%Y-%m-%d %H:%M:%S}"


def _written(step: dict[str, str]) -> str:
    """One write to Intercom; a conversation's first message is no part of it."""
    part = f", part {step['part_id']}" if step["part_id"] else ""
    return f"In Intercom: {WRITTEN[step['kind']]} conversation {step['conversation_id']}{part}"

"""`leadline duplicates scan|list|show|ignore|later|unsure|report|learn|auto`: find contacts that are one person."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from leadline.app import Leadline
from leadline.cli.console import Columns, more, out, say, show, show_json
from leadline.cli.files import write_over
from leadline.cli.merge import author
from leadline.cli.office import open_for_one
from leadline.cli.options import AsJson, Count
from leadline.errors import SettingError
from leadline.identity.words import counted, phone
from leadline.merging.duplicates.desk import LEAST
from leadline.merging.duplicates.group_seen import GroupSeen, Listing, Member, label
from leadline.merging.duplicates.learning import Shown
from leadline.merging.duplicates.reports import as_csv, as_html, proposal
from leadline.merging.duplicates.review import LATER
from leadline.merging.duplicates.wording import SAID, proposed

MinScore = Annotated[float, typer.Option(help="Only groups with so many points or more")]
Contact = Annotated[str, typer.Argument(help="Intercom id of a contact in the group, as `duplicates list` shows it")]
GROUPS: Columns = {
    "Score": lambda row: f"{row['points']:.1f}",
    "Who": "who",
    "Merges": "gain",
    "Why": "reasons",
    "Contact id": "group_id",
}
MEMBERS: Columns = {
    "What": "what",
    "Name": "name",
    "Role": "role",
    "E-mail": "email",
    "Phones": "phones",
    "Updated": "updated_at",
    "Contact id": "contact_id",
}
SHOWN: Columns = {
    "Score": "points",
    "Reviewed pairs": "pairs",
    "One person": lambda row: f"{row['precision']:.1%}",
    "Of all that are": lambda row: f"{row['recall']:.1%}",
}


def scan(min_score: MinScore = LEAST, as_json: AsJson = False) -> None:
    """Compare all contacts now, and keep the groups of duplicates.

    Nothing is merged. What people said about pairs is kept.
    """
    asyncio.run(_scan(min_score, as_json))


def list_(
    min_score: MinScore = 0.0,
    by_gain: Annotated[bool, typer.Option("--by-gain", help="Groups with most merges first")] = False,
    as_json: AsJson = False,
    count: Count = 50,
) -> None:
    """List the groups of duplicates, the surest first."""
    asyncio.run(_list(min_score, by_gain, as_json, count))


def show_(contact: Contact, as_json: AsJson = False) -> None:
    """Show one group: its contacts, what speaks for and against.

    Also the merges that are proposed.
    """
    asyncio.run(_show(contact, as_json))


def ignore(
    contact: Contact,
    only: Annotated[bool, typer.Option("--only", help="Only this contact is somebody else; the others stay")] = False,
    as_json: AsJson = False,
) -> None:
    """Say that the contacts of a group are not the same person. Remembered for good."""
    asyncio.run(_say("ignore", contact, as_json, only=contact if only else ""))


def later(
    contact: Contact,
    days: Annotated[int, typer.Option(min=1, max=3650, help="Days until it is shown again")] = LATER,
    as_json: AsJson = False,
) -> None:
    """Put a group off for some weeks."""
    asyncio.run(_say("later", contact, as_json, days=days))


def unsure(contact: Contact, as_json: AsJson = False) -> None:
    """Say that nobody can tell.

    The group stays in the list, and is merged only where somebody names it.
    """
    asyncio.run(_say("unsure", contact, as_json))


def report(
    file: Annotated[Path, typer.Argument(help="File to write; its ending says what: .csv or .html")],
    min_score: MinScore = 0.0,
    count: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many groups to write at most")] = 10_000,
    as_json: AsJson = False,
) -> None:
    """Write the groups with their reasons into a file for people."""
    asyncio.run(_report(file, min_score, count, as_json))


def learn(
    forget: Annotated[bool, typer.Option("--forget", help="Go back to the weights that Leadline ships")] = False,
    as_json: AsJson = False,
) -> None:
    """Fit the weights to the pairs that people reviewed here.

    Shows how often each score was right.
    """
    asyncio.run(_learn(forget, as_json))


def auto(
    score: Annotated[
        int | None, typer.Option(min=0, max=1000, help="Merge unattended from so many points on. 0: switch it off")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show or change whether duplicates are merged at night.

    It needs 50 reviewed pairs, of which 97 % at this score were one person. It merges only leads into users, and only
    where both the name and an address agree.
    """
    asyncio.run(_auto(score, as_json))


async def _scan(min_score: float, as_json: bool) -> None:
    async with open_for_one() as leadline:
        tell = (lambda text: None) if as_json else out.print
        found = await leadline.duplicates.scan(leadline.workspace.workspace_id, min_score=min_score, tell=tell)
    if found is None:
        raise SettingError("Another process is scanning now. Wait for it, then look at `leadline duplicates list`.")
    if as_json:
        show_json(found)
        return
    out.print(
        f"{counted(found.groups, 'group')} of duplicates among {counted(found.contacts, 'contact')}, in "
        f"{found.seconds:,.0f} seconds. Intercom lets {found.mergeable:,} of the contacts be merged away."
    )
    out.print("Look at them with `leadline duplicates list`. Nothing was merged.")


async def _list(min_score: float, by_gain: bool, as_json: bool, count: int) -> None:
    async with open_for_one() as leadline:
        workspace_id = leadline.workspace.workspace_id
        found = await leadline.duplicates.review.groups(workspace_id, min_score=min_score, by_gain=by_gain, count=count)
        last = await leadline.duplicates.last_scan(workspace_id)
    if as_json:
        show_json(found)
        return
    empty = "No duplicates were found." if last else "Nobody has looked yet: run `leadline duplicates scan`."
    show([row(group) for group in found.groups], GROUPS, as_json=False, empty=empty)
    more(found.total - len(found.groups))
    if last:
        out.print(f"Scanned on {datetime.fromtimestamp(last.scanned_at, UTC):%Y-%m-%d %H:%M} UTC.")


def row(group: GroupSeen) -> dict[str, Any]:
    """A group as one line of a table."""
    names = " = ".join(f"{label(one)} ({one.role.value})" for one in group.members)
    best = group.pairs[0].reasons if group.pairs else "said by a person"
    return {"points": group.points, "who": names, "gain": group.gain, "reasons": best, "group_id": group.group_id}


async def _show(contact: str, as_json: bool) -> None:
    async with open_for_one() as leadline:
        workspace_id, duplicates = leadline.workspace.workspace_id, leadline.duplicates
        [group] = await duplicates.previewed(workspace_id, [await duplicates.review.group(workspace_id, contact)])
    if as_json:
        show_json(group)
        return
    show([_member(group, one) for one in group.members], MEMBERS, as_json=False, empty="")
    for pair in group.pairs:
        said = f" ({SAID[pair.verdict]})" if pair.verdict else ""
        two = f"{group.name(pair.one_id)} and {group.name(pair.other_id)}"
        out.print(f"{pair.points:+.1f}  {two}: {pair.reasons}{said}")
    for line in proposed(group):
        out.print(line)


def _member(group: GroupSeen, one: Member) -> dict[str, Any]:
    return {
        **msgspec.structs.asdict(one),
        "what": proposal(group, one),
        "role": one.role.value,
        "phones": ", ".join(map(phone, one.phones)),
        "updated_at": datetime.fromtimestamp(one.updated_at, UTC),
    }


async def _say(verb: str, contact: str, as_json: bool, **more_words: Any) -> None:
    async with open_for_one() as leadline:
        workspace_id, review = leadline.workspace.workspace_id, leadline.duplicates.review
        await getattr(review, verb)(workspace_id, contact, author=author(), **more_words)
    words = {
        "ignore": "Remembered: not the same person.",
        "later": f"Put off for {counted(more_words.get('days', LATER), 'day')}.",
        "unsure": "Remembered: nobody can tell.",
    }
    say(words[verb], {"contact_id": contact, "said": verb, **more_words}, as_json=as_json)


async def _report(file: Path, min_score: float, count: int, as_json: bool) -> None:
    if file.suffix.lower() not in {".csv", ".html"}:
        raise SettingError(f"A report is .csv or .html, not '{file.name}'.")
    async with open_for_one() as leadline:
        found = await leadline.duplicates.review.groups(
            leadline.workspace.workspace_id, min_score=min_score, count=count
        )
    write(file, found)
    words = f"{counted(len(found.groups), 'group')} written to {file}."
    say(words, {"file": str(file), "groups": len(found.groups), "total": found.total}, as_json=as_json)
    if not as_json:
        more(found.total - len(found.groups))


def write(file: Path, found: Listing) -> None:
    """The groups into a file; raises SettingError where it cannot be written."""
    text = as_csv(found.groups) if file.suffix.lower() == ".csv" else as_html(found.groups, "Duplicates")
    with write_over(file) as written:
        written.write(text.encode())


async def _learn(forget: bool, as_json: bool) -> None:
    async with open_for_one() as leadline:
        workspace_id, duplicates = leadline.workspace.workspace_id, leadline.duplicates
        if forget:
            await duplicates.unlearn(workspace_id)
        else:
            await duplicates.learn(workspace_id, author=author())
        pairs, rows = await duplicates.shown(workspace_id)
        rules = await duplicates.rules(workspace_id)
    if as_json:
        show_json({"rules": rules.version, "reviewed": pairs, "shown": [msgspec.structs.asdict(one) for one in rows]})
        return
    out.print(f"Rules: {rules.version}. They hold from the next scan on.")
    _show_rows(rows)


def _show_rows(rows: Sequence[Shown]) -> None:
    show([msgspec.structs.asdict(one) for one in rows], SHOWN, as_json=False, empty="No pair was reviewed yet.")


async def _auto(score: int | None, as_json: bool) -> None:
    async with open_for_one() as leadline:
        await _switched(leadline, score)
        workspace_id = leadline.workspace.workspace_id
        state = await leadline.unattended.state(workspace_id)
        _, rows = await leadline.duplicates.shown(workspace_id)
    if as_json:
        show_json({"on": state is not None, "state": state, "shown": [msgspec.structs.asdict(one) for one in rows]})
        return
    if state is None:
        out.print("Nothing is merged unattended.")
    else:
        out.print(
            f"Groups with {state.least / 10:.0f} points or more are merged every night, switched on by {state.author}. "
            f"Of {state.pairs:,} reviewed pairs with that score, {state.shown:.1%} were one person."
        )
    _show_rows(rows)


async def _switched(leadline: Leadline, score: int | None) -> None:
    workspace_id = leadline.workspace.workspace_id
    if score == 0:
        await leadline.unattended.switch_off(workspace_id)
    elif score is not None:
        await leadline.unattended.switch_on(workspace_id, score=score, author=author())

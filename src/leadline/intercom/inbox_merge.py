"""The panel's way through a merge, a correction and their undoing, as canvases. Pure; `panel` calls it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from leadline.identity.words import ended
from leadline.intercom.canvas import (
    Button,
    Canvas,
    Component,
    Divider,
    Input,
    Item,
    ItemList,
    Submit,
    Text,
    literal,
)
from leadline.intercom.inbox_app import ago, back, clip, hit_item, paragraph, suggestions
from leadline.intercom.inbox_compare import compared
from leadline.intercom.inbox_views import Hit, Merging, Record

HELP = "Intercom id, user id, e-mail, phone or profile link"
FOREVER = "Intercom cannot undo this. Leadline can create a new lead from its copy, but cannot restore everything."
TITLES = {
    "merge": "Merge with existing user/lead",
    "gather": "Merge a lead into this user",
    "attach": "Who is this?",
    "why_not": "Why not somebody else?",
}
EXPLAINED = {
    "merge": "Everything this lead has moves to the contact you choose.",
    "gather": "Everything the lead you choose has moves to this user.",
    "attach": "The next messages from this address go to the contact you choose. Nothing changes in Intercom.",
    "why_not": "Leadline says why it did not choose the contact that you name. Nothing changes.",
}
WAYS = {
    "merge": "Merge now",
    "promote": "Turn it into a user and merge",
    "reroute": "Send future messages there",
}


def choose(
    purpose: str,
    hits: Sequence[Hit] = (),
    *,
    typed: str = "",
    complaint: str = "",
    late: bool = False,
    archived: str = "",
) -> Canvas:
    """One field for whoever it is, and the likely ones to pick from. purpose: `merge`, `gather`, `attach` or `why_not`.

    archived: the id of a contact that may be in Intercom's archive, from where it can be taken.
    """
    parts: list[Component] = [
        Text(text=TITLES[purpose], style="header"),
        Text(text=EXPLAINED[purpose], style="muted"),
        Input(
            id="target",
            label="Find by",
            placeholder=HELP,
            value=clip(typed, 300),
            save_state="failed" if complaint else "unsaved",
        ),
    ]
    parts += paragraph(complaint, 600, "error")
    parts.append(Button(id="find", label="Find", action=Submit()))
    if archived:
        label = "Restore it from Intercom's archive"
        parts.append(Button(id=f"restore:{archived}", label=label, action=Submit(), style="secondary"))
    parts += suggestions(hits)
    if late:
        parts.append(Text(text="Suggestions are still loading.", style="muted"))
    return Canvas((*parts, back()), {"screen": "choose", "purpose": purpose})


def several(purpose: str, hits: Sequence[Hit], typed: str, *, cut: bool = False) -> Canvas:
    """More than one contact fits what was typed: a person chooses. cut: others may fit that were not looked at."""
    words = f"“{literal(clip(typed, 80))}”"
    text = (
        f"These {len(hits)} contacts fit {words}, and there may be more. Search for more of what you know."
        if cut
        else f"{len(hits)} contacts fit {words}."
    )
    return Canvas(
        (
            Text(text="Which one?", style="header"),
            Text(text=text),
            ItemList(items=tuple(map(hit_item, hits))),
            back("Search again", TO_START[purpose]),
        ),
        {"screen": "several", "purpose": purpose, "typed": typed[:300]},
    )


TO_START = {"merge": "merge", "gather": "merge", "attach": "attach", "why_not": "why_not"}


def ways(source: Hit, target: Hit, stored: Mapping[str, Any]) -> Canvas:
    """Both are leads, which Intercom does not merge: the two ways that are left, each with its preview."""
    promote = Item(
        id="way:promote",
        title="Make it a user, then merge",
        subtitle=clip(f"{target.title} becomes a user permanently, and this lead is merged into it", 160),
        tertiary_text="Cannot be undone in Intercom",
        action=Submit(),
    )
    reroute = Item(
        id="way:reroute",
        title="Only send messages there",
        subtitle=clip(f"New messages go to {target.title}; both leads stay in Intercom", 160),
        tertiary_text="Can be undone at any time",
        action=Submit(),
    )
    return Canvas(
        (
            Text(text="Two leads", style="header"),
            Text(
                text=f"{name_of(source)} and {name_of(target)} are both leads. "
                "Intercom merges a lead only into a user. Choose what to do:"
            ),
            ItemList(items=(reroute, promote)),
            back("Choose somebody else", "merge"),
        ),
        dict(stored) | {"screen": "ways"},
    )


def preview(view: Merging, stored: Mapping[str, Any], *, notice: str = "") -> Canvas:
    """Both sides, what stays, what moves, what to look at; then one button that does it."""
    source, target = (f"**{name_of(side)}** ({side.role})" for side in (view.source, view.target))
    going = f"Future messages from {source} go to" if view.way == "reroute" else f"{source} will be merged into"
    parts: list[Component] = [
        Text(text="Check before you merge" if view.way != "reroute" else "Check first", style="header"),
        Text(text=f"{going} {target}."),
    ]
    parts[:0] = paragraph(notice, 300, "error")
    for warning in view.warnings[:8]:
        parts += paragraph(warning, 300, "error", before="Careful: ")
    if len(view.warnings) > 8:
        parts.append(Text(text=f"And {len(view.warnings) - 8} more warnings", style="error"))
    parts += compared(view.fields, role=view.source.role)
    parts += _keep_lost(view)
    parts += _list_of("What moves", view.moves)
    parts += _intercoms(view)
    parts.append(Divider())
    forever = "Nothing changes in Intercom. You can undo this at any time." if view.way == "reroute" else FOREVER
    parts.append(Text(text=forever, style="muted" if view.way == "reroute" else "error"))
    parts.append(Button(id="confirm", label=WAYS[view.way], action=Submit()))
    if view.way == "merge":
        label = "Only send future messages there"
        parts.append(Button(id="way:reroute", label=label, action=Submit(), style="secondary"))
    return Canvas((*parts, back("Cancel")), dict(stored) | {"screen": "preview"})


def confirm_detach(address: str, name: str, stored: Mapping[str, Any]) -> Canvas:
    """Before an address is taken from its contact."""
    shown, name = literal(clip(address, 120, "this address")), literal(clip(name, 80, "this contact"))
    return Canvas(
        (
            Text(text="Not this person", style="header"),
            Text(
                text=ended(f"The next messages from {shown} go to a new lead, not to {name}")
                + " Leadline will not link the two again by itself."
            ),
            Text(text="What is already in Intercom stays as it is. You can undo this.", style="muted"),
            Button(id="confirm", label="Not this person", action=Submit()),
            back("Cancel"),
        ),
        dict(stored) | {"screen": "detach"},
    )


def confirm_attach(address: str, target: Hit, stored: Mapping[str, Any]) -> Canvas:
    """Before an address is given to another contact."""
    shown = literal(clip(address, 120, "this address"))
    return Canvas(
        (
            Text(text="This is another person", style="header"),
            Text(text=f"The next messages from {shown} go to **{name_of(target)}** ({target.role})."),
            Text(text="What is already in Intercom stays as it is. You can undo this.", style="muted"),
            Button(id="confirm", label="Send messages there", action=Submit()),
            back("Cancel"),
        ),
        dict(stored) | {"screen": "attach"},
    )


def confirm_join(sentence: str, going: str, staying: str, stored: Mapping[str, Any]) -> Canvas:
    """Before two conversations become one: which one ends, and where messages go then."""
    return Canvas(
        (
            Text(text="Merge the two conversations", style="header"),
            *paragraph(sentence, 300),
            Text(
                text=f"The conversation with {literal(clip(going, 120))} is closed and linked to the one with "
                f"{literal(clip(staying, 120))}. New messages from both go on there."
            ),
            Text(text="Intercom cannot undo this.", style="error"),
            Button(id="confirm", label="Merge the two conversations", action=Submit()),
            back("Cancel"),
        ),
        dict(stored) | {"screen": "join"},
    )


def history(records: Sequence[Record], *, now: float | None = None) -> Canvas:
    """Merges and corrections of a contact, newest first; a click leads to the way back."""
    now = time.time() if now is None else now
    items = tuple(
        Item(
            id=record.key,
            title=clip(record.title, 120, "A change"),
            subtitle=clip(f"{record.author}, {ago(now - record.at)}", 120),
            tertiary_text=record.state or ("Undo" if record.undo else ""),
            action=Submit() if record.undo else None,
        )
        for record in records[:40]
    )
    nothing = Text(text="Nothing was merged or corrected for this contact.", style="muted")
    return Canvas(
        (Text(text="Merges and corrections", style="header"), ItemList(items=items) if items else nothing, back()),
        {"screen": "history"},
    )


def confirm_undo(record: Record, cannot: Iterable[str], stored: Mapping[str, Any]) -> Canvas:
    """Before something is taken back: what comes back, and what cannot."""
    return Canvas(
        (
            Text(text="Undo this?", style="header"),
            *paragraph(record.title, 300),
            *(text for sentence in cannot for text in paragraph(sentence, 400, "muted")),
            Button(id="confirm", label="Undo", action=Submit()),
            back("Cancel"),
        ),
        dict(stored) | {"screen": "undo"},
    )


def _intercoms(view: Merging) -> list[Component]:
    """What Intercom's own preview says, where there is one."""
    if view.apart:
        return _list_of("Intercom's own preview says otherwise", view.apart)
    same = [Text(text="Intercom's own preview says the same.", style="muted")]
    return [*same] if view.checked else []


def _keep_lost(view: Merging) -> list[Component]:
    if not any(row.outcome == "discarded" for row in view.fields):
        return []
    label = "Do not keep what is lost" if view.keep_lost else "Keep what is lost as a note"
    told = [Text(text="What is lost will be kept as a note.", style="muted")] if view.keep_lost else []
    return [*told, Button(id="keep_lost", label=label, action=Submit(), style="secondary")]


def _list_of(title: str, sentences: Sequence[str]) -> list[Component]:
    if not sentences:
        return []
    lines: list[Component] = [Text(text=title, style="header", bottom_margin="none")]
    for one in sentences[:12]:
        lines += paragraph(one, 200, "muted", tight=True)
    if len(sentences) > 12:
        lines.append(Text(text=f"And {len(sentences) - 12} more", style="muted"))
    return lines


def name_of(contact: Hit) -> str:
    """The name of a contact for the middle of a sentence."""
    return literal(clip(contact.title, 80, contact.contact_id))

"""What a merge of two contacts would do, and whether Intercom allows it.

`merging/work.py` reads both and asks here; pure.

Rules of POST /contacts/merge and of its preview: Intercom's API description 2.7 to 2.16, read 2026-11-24.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from typing import Literal

import msgspec

from leadline.identity import names
from leadline.identity.merge_changes import Change, changes, nameless, same_phone
from leadline.identity.merge_dry import DryRun, apart
from leadline.identity.merge_refusals import MergeRefused, of_intercom, refused
from leadline.identity.merge_sides import Side, written
from leadline.identity.words import addresses, ended
from leadline.model import Reason, Role, Struct

__all__ = ["Change", "Moves", "Option", "Preview", "Side", "Way", "preview", "promoted", "refusal", "token"]

Way = Literal["merge", "promote", "reroute"]

RECENT = 86_400.0
FINAL = "Intercom cannot undo a merge. Leadline can recreate the lead, but cannot restore everything."


class Moves(Struct, frozen=True, kw_only=True):
    """What goes from the lead to the survivor. refusals: names of what the lead does not want to get."""

    conversations: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    companies: tuple[str, ...] = ()
    notes: int = 0
    handles: tuple[str, ...] = ()


class Option(Struct, frozen=True, kw_only=True):
    """One way to bring the two together, as it is put before a person."""

    way: Way
    label: str
    explanation: str
    reversible: bool
    changes: tuple[Change, ...]
    moves: Moves


class Preview(Struct, frozen=True, kw_only=True):
    """A merge before it is made. `source` goes, `target` stays; the first option is the usual one.

    warnings: codes with their sentences in `detail`. final: what a person must know before confirming.
    token: changes when a side changed in what people compare; a message that comes meanwhile does not change it.
    checked: whether Intercom previewed the merge as well; apart: where its preview is not this one, in sentences.
    """

    source: Side
    target: Side
    options: tuple[Option, ...]
    warnings: tuple[Reason, ...]
    token: str
    checked: bool = False
    apart: tuple[str, ...] = ()
    final: str = FINAL

    def option(self, way: str) -> Option:
        """The option of this way; raises MergeRefused when these two cannot be brought together so."""
        for option in self.options:
            if option.way == way:
                return option
        raise refused("needs_way" if way == "merge" else "wrong_way", name=self.target.name)


def preview(
    source: Side,
    target: Side,
    *,
    workspace_id: str,
    now: float,
    take: Collection[str] = (),
    dry_run: DryRun | None = None,
) -> Preview:
    """Everything a person should see before merging `source` into `target`; raises MergeRefused.

    now: unix seconds. take: fields for which a person chose the lead's value. dry_run: Intercom's own preview, where
    the workspace has one: without its word no user goes into a user, and what it refuses is not offered.
    """
    _check(source, target, workspace_id, dry_run)
    warnings, options = _warnings(source, target, now), _options(source, target, take)
    if dry_run is not None and not dry_run.allowed:
        options = tuple(option for option in options if option.way != "merge")
        warnings = (Reason("intercom_refuses", str(refusal(source.name, dry_run))), *warnings)
    return Preview(
        source=source,
        target=target,
        options=options,
        warnings=warnings,
        token=token(source, target),
        checked=dry_run is not None,
        apart=_apart(dry_run, options[0]) if dry_run is not None and dry_run.allowed else (),
    )


def refusal(name: str, dry_run: DryRun) -> MergeRefused:
    """Why Intercom's own preview refuses a merge. name: of the contact that goes."""
    reason = dry_run.reasons[0] if dry_run.reasons else Reason("")
    return of_intercom(reason.code, reason.detail, name=name)


def _apart(dry_run: DryRun, option: Option) -> tuple[str, ...]:
    moves = option.moves
    return apart(dry_run, option.changes, conversations=len(moves.conversations), notes=moves.notes)


def _check(source: Side, target: Side, workspace_id: str, dry_run: DryRun | None) -> None:
    if source.contact_id == target.contact_id:
        raise refused("same_contact")
    for side in (source, target):
        if side.workspace_id not in ("", workspace_id):
            raise refused("another_workspace", name=side.name)
        if side.archived:
            raise refused("archived", name=side.name)
    if source.role == Role.USER and target.role == Role.LEAD:
        raise refused("user_to_lead", name=source.name)
    if source.role == Role.USER and dry_run is None:
        raise refused("user_to_user", name=source.name)
    if source.role == Role.USER and dry_run is not None and not dry_run.allowed:
        raise refusal(source.name, dry_run)


def _options(source: Side, target: Side, take: Collection[str]) -> tuple[Option, ...]:
    moves, only_messages = _moves(source), _reroute(source, target)
    if target.role == Role.USER:
        text = (
            f"{source.name} is merged into {target.name}: conversations, notes, tags and future messages go there. "
            f"{FINAL}"
        )
        return (_option("merge", "Merge", text, changes(source, target, take), moves), only_messages)
    text = (
        f"Intercom merges leads only into users. So {target.name} first becomes a user permanently, and then "
        f"{source.name} is merged into it. {FINAL}"
    )
    rows = changes(source, promoted(target), take)
    return (_option("promote", "Make the other lead a user, then merge", text, rows, moves), only_messages)


def promoted(lead: Side) -> Side:
    """The lead as a user. A user needs an e-mail or a user id (create page, 2.4); a lead with neither gets an id."""
    known = lead.fields.get("email") or lead.fields.get("external_id")
    given = {} if known else {"external_id": f"leadline:promoted/{lead.contact_id}"}
    return msgspec.structs.replace(lead, role=Role.USER, fields={**lead.fields, **given})


def _reroute(source: Side, target: Side) -> Option:
    text = (
        ended(f"Future messages from {source.name} go to {target.name}")
        + " Both contacts and all conversations stay as they are in Intercom. You can undo this at any time."
    )
    moves = Moves(handles=source.handles)
    return _option("reroute", "Only send future messages there", text, (), moves, reversible=True)


def _option(
    way: Way, label: str, explanation: str, changes: tuple[Change, ...], moves: Moves, *, reversible: bool = False
) -> Option:
    return Option(way=way, label=label, explanation=explanation, reversible=reversible, changes=changes, moves=moves)


def _moves(source: Side) -> Moves:
    return Moves(
        conversations=source.conversations,
        refusals=tuple(each.name for each in source.subscriptions if each.consent == "opt_out"),
        tags=tuple(tag.name for tag in source.tags),
        companies=tuple(company.name for company in source.companies),
        notes=len(source.notes),
        handles=source.handles,
    )


def _warnings(source: Side, target: Side, now: float) -> tuple[Reason, ...]:
    found = [*_differences(source, target)]
    if target.handles:
        theirs = addresses(target.handles)
        found.append(Reason("other_channels", ended(f"Messages from {theirs} already go to {target.name}")))
    if now - target.last_active_at < RECENT:
        found.append(Reason("recent_activity", f"{target.name} was active in the last 24 hours. Same person?"))
    if target.role == Role.LEAD:
        found.append(Reason("lead_target", f"{target.name} is a lead too. Choose what to do with the two."))
    if source.fields.get("unsubscribed_from_emails") and not target.fields.get("unsubscribed_from_emails"):
        text = f"{source.name} has unsubscribed from e-mails, {target.name} has not. After the merge neither gets any."
        found.append(Reason("unsubscribed", text))
    return tuple(found)


def _differences(source: Side, target: Side) -> Iterator[Reason]:
    """Only what speaks against one person, or is lost: a short form of a name and another spelling do not."""
    (name, other), (email, their_email), (phone, their_phone) = (
        [written(side.fields.get(field) or None) for side in (source, target)] for field in ("name", "email", "phone")
    )
    if not (nameless(source) or nameless(target)) and names.unlike(name, other):
        yield Reason("different_names", ended(f"They have different names: {name} and {other}"))
    if email and their_email and email.casefold() != their_email.casefold():
        yield Reason("different_emails", f"They have different e-mails: {email} and {their_email}.")
    if phone and their_phone and not same_phone(phone, their_phone):
        text = f"They have different phones. {target.name} keeps {their_phone}; {phone} leaves the phone field."
        yield Reason("different_phones", text)


def token(source: Side, target: Side) -> str:
    """32 hex digits of what people compare before they confirm: not the times, not what was written meanwhile."""
    seen = [
        (
            side.contact_id,
            side.role,
            side.archived,
            [
                sorted((name, written(value)) for name, value in values.items() if value is not None)
                for values in (side.fields, side.attributes)
            ],
            sorted(item.key for item in (*side.tags, *side.companies)),
            sorted(side.handles),
        )
        for side in (source, target)
    ]
    return hashlib.sha256(msgspec.json.encode(seen)).hexdigest()[:32]

"""Groups and batches as files for people: CSV and one HTML page, with the reasons. Pure; the CLI writes them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from html import escape

from leadline.identity.spreadsheet import cell
from leadline.identity.words import counted, phone
from leadline.merging.duplicates.group_seen import GroupSeen, Member

COLUMNS = ("group", "score", "what", "contact", "role", "name", "e-mail", "phones", "reasons")
STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem}"
    "body{color:#222;background:#fff}table{width:100%;border-spacing:0}"
    "section{border:1px solid #ddd;border-radius:8px;padding:.5rem 1rem;margin:1rem 0}"
    "td{padding:.2rem .6rem .2rem 0;vertical-align:top}"
    ".score{float:right;font-weight:600}.why{color:#555;margin:.3rem 0}"
    "@media(prefers-color-scheme:dark){body{color:#ddd;background:#1b1b1b}section{border-color:#444}.why{color:#aaa}}"
)


def rows(groups: Iterable[GroupSeen]) -> Iterable[dict[str, str]]:
    """One row a contact, those of one group one after the other."""
    for group in groups:
        for member in group.members:
            yield {
                "group": group.group_id,
                "score": f"{group.points:.1f}",
                "what": proposal(group, member),
                "contact": member.contact_id,
                "role": member.role.value,
                "name": member.name,
                "e-mail": member.email,
                "phones": ", ".join(map(phone, member.phones)),
                "reasons": "; ".join(reasons_of(group, member)),
            }


def proposal(group: GroupSeen, member: Member) -> str:
    """What is proposed for a contact of a group, in two or three words."""
    if member.stays:
        return "stays"
    if member.contact_id in group.users:
        return "user: Intercom does not merge users"
    return "is merged"


def reasons_of(group: GroupSeen, member: Member) -> list[str]:
    """Why this contact is in the group: its pairs, the strongest first; one with whom each is."""
    found = (one for one in group.pairs if member.contact_id in (one.one_id, one.other_id))
    several = len(group.members) > 2
    told = []
    for one in found:
        other = one.other_id if one.one_id == member.contact_id else one.one_id
        told.append(f"{one.reasons} (with {group.name(other)})" if several else one.reasons)
    return told


def as_csv(groups: Sequence[GroupSeen]) -> str:
    """The rows as CSV that a spreadsheet opens; no cell of it is a formula."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows({name: cell(value) for name, value in row.items()} for row in rows(groups))
    return text.getvalue()


def as_html(groups: Sequence[GroupSeen], title: str) -> str:
    """One page that needs nothing from elsewhere; what customers wrote is text in it and never markup."""
    parts = [f"<h1>{escape(title)}</h1>", f"<p>{counted(len(groups), 'group')}.</p>", *map(_section, groups)]
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style>'
    return "\n".join([head, *parts, "</html>", ""])


def _section(group: GroupSeen) -> str:
    lines = [f'<section><span class="score">{group.points:.1f}</span><table>']
    for member in group.members:
        cells = (
            proposal(group, member),
            member.name,
            member.role.value,
            member.email,
            ", ".join(map(phone, member.phones)),
        )
        lines.append(f"<tr>{''.join(f'<td>{escape(one)}</td>' for one in cells)}</tr>")
    lines.append("</table>")
    lines += [f'<p class="why">{escape(_pair(group, one.one_id, one.other_id))}: {escape(one.reasons)}</p>'
              for one in group.pairs]  # fmt: skip
    return "\n".join([*lines, "</section>"])


def _pair(group: GroupSeen, one: str, other: str) -> str:
    return f"{group.name(one)} and {group.name(other)}"

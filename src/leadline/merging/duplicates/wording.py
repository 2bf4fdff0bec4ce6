"""What people read about groups and batches before they say yes. The CLI and the console ask here. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from leadline.identity.words import counted
from leadline.merging.duplicates.batch_seen import Batch
from leadline.merging.duplicates.group_seen import GroupSeen

NAMED = 5  # names in a question
SAID = {"same": "people said: the same", "different": "people said: not the same", "unsure": "people were unsure"}


def proposed(group: GroupSeen) -> list[str]:
    """The merges that are proposed, and what Intercom does not do."""
    lines = [
        f"Merge {group.name(step.from_id)} into {group.name(step.into_id)}"
        + (" (a lead, which becomes a user first)" if step.way == "promote" else "")
        + (" (both are users: by Intercom's Preview API)" if step.from_id in group.users_merged else "")
        for step in group.steps
    ]
    lines += [
        f"{group.name(user)} ({user}) is a user and stays. {_why_not(group, user)} Merge it in Intercom, or "
        "send its messages there: leadline link attach"
        for user in group.users
    ]
    return lines


def _why_not(group: GroupSeen, user: str) -> str:
    if why := group.why.get(user):
        return why
    if group.users_too:
        return "Intercom merges two users only if they have the same e-mail or the same phone."
    return "Intercom's API merges no users here."


def question(groups: Sequence[GroupSeen]) -> str:
    """What is asked before anything is merged: how many, and who."""
    gain = sum(group.gain for group in groups)
    names = [f"{group.name(step.from_id)} into {group.name(step.into_id)}" for group in groups for step in group.steps]
    more = len(names) - NAMED
    who = "; ".join(names[:NAMED])
    users = sum(len(group.users_merged) for group in groups)
    told = f" {counted(users, 'user')} among them: an undo brings a user back only as a lead." if users else ""
    return f"Merge {counted(gain, 'contact')} away for good: {who}{f' and {more:,} more' if more > 0 else ''}?{told}"


def became(batch: Batch) -> str:
    """What became of the merges of a batch: "8 merged, 1 refused"."""
    return counts({name: getattr(batch, name) for name in ("merged", "undone", "refused", "skipped", "waiting")})


def counts(numbers: Mapping[str, int]) -> str:
    """Numbers in words, without those that are none."""
    return ", ".join(f"{count:,} {name}" for name, count in numbers.items() if count) or "nothing"

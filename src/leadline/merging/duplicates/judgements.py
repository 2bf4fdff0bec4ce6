"""What people said about pairs of contacts, read for groupings and written by `review.py` and `batch.py`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from leadline.merging.duplicates.grouping import Judged, Pair, pair
from leadline.store.database import Connection
from leadline.store.queries import queries

Verdict = Literal["same", "different", "unsure"]
Row = Mapping[str, Any]


async def everything(connection: Connection, workspace_id: str) -> Judged:
    """All that people said in this workspace, also elsewhere than about duplicates."""
    rows = [row async for row in queries.judgements(connection, workspace_id=workspace_id)]
    return _judged(rows, [row async for row in queries.pairs_apart(connection, workspace_id=workspace_id)])


async def among(connection: Connection, workspace_id: str, contact_ids: Sequence[str]) -> Judged:
    """What people said about pairs of these contacts."""
    asked = {"workspace_id": workspace_id, "contact_ids": list(contact_ids)}
    rows = [row async for row in queries.judgements_among(connection, **asked)]
    return _judged(rows, [row async for row in queries.pairs_apart_among(connection, **asked)])


async def around(
    connection: Connection, workspace_id: str, contact_ids: Sequence[str], *, unsure_since: datetime | None = None
) -> Judged:
    """What people said about these contacts and about whoever they also called the same, over any number of steps.

    unsure_since: "unsure" counts only where it was said later; None: always.
    """
    asked = {"contact_ids": list(contact_ids), "unsure_since": unsure_since}
    rows = [row async for row in queries.judgements_around(connection, workspace_id=workspace_id, **asked)]
    circle = {*contact_ids, *(row["one_id"] for row in rows), *(row["other_id"] for row in rows)}
    apart = queries.pairs_apart_among(connection, workspace_id=workspace_id, contact_ids=sorted(circle))
    return _judged(rows, [row async for row in apart])


def _judged(rows: Iterable[Row], apart: Iterable[Row]) -> Judged:
    said: dict[str, set[Pair]] = {"same": set(), "different": set(), "unsure": set()}
    for row in rows:
        said[row["verdict"]].add((row["one_id"], row["other_id"]))
    for row in apart:
        said["different"].add(pair(row["one_id"], row["other_id"]))
    said["same"] -= said["different"]
    return Judged(**{name: frozenset(pairs) for name, pairs in said.items()})


async def judge(
    connection: Connection,
    workspace_id: str,
    pairs: Iterable[Pair],
    verdict: Verdict,
    *,
    author: str,
    evidence: Mapping[Pair, str] = {},
    days: int = 0,
) -> None:
    """Remember what a person said; a later word takes the place of an earlier one. days: of "unsure", until it is shown
    again; 0: at once.
    """
    for one, other in sorted(pairs):
        await queries.judge(
            connection,
            workspace_id=workspace_id,
            one_id=one,
            other_id=other,
            verdict=verdict,
            author=author,
            evidence=evidence.get((one, other), ""),
            days=days,
        )

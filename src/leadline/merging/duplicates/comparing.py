"""All contacts compared and grouped, from files in a folder into files beside them: a scan without its database.

`scan.py` calls `compare` in a thread for a small workspace. For a large one it runs this module in a process of its own
(`python -m`), which takes its memory along when it ends, and leaves live work alone.
"""

from __future__ import annotations

import csv
import os
import shutil
import sys
import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from leadline.errors import SettingError
from leadline.identity.compared import Record
from leadline.identity.same_person_rules import Rules
from leadline.identity.words import counted
from leadline.merging.duplicates.bulk import Bulk, Found, Progress, needs_memory
from leadline.merging.duplicates.forming import Group, groups_of
from leadline.merging.duplicates.grouping import Judged, pair
from leadline.merging.duplicates.survivors import order
from leadline.model import Struct

JOB, ENTRIES, GROUPS, PAIRS, OUTCOME = "job.json", "entries.csv", "groups.csv", "pairs.csv", "outcome.json"
TOO_LITTLE = (
    "The scan needs more memory than LEADLINE_DUPLICATES_MEMORY gives it ({memory}), or more room for temporary files. "
    "Nothing was changed."
)
NICER = 10
REFUSED = 3
"""The exit code where stderr has a sentence for people."""


class Job(Struct, frozen=True, kw_only=True):
    """What is to be compared, and how. keep: as in `survivors.order`. memory: as DuckDB reads it. least: in tenths.

    users_too: whether Intercom may merge users.
    """

    workspace_id: str
    region: str
    rules: Rules
    least: int
    keep: str
    memory: str
    judged: Judged
    users_too: bool = False


class Outcome(Struct, frozen=True, kw_only=True):
    """Numbers of a scan, as `Scanned` has them."""

    contacts: int
    compared: int
    groups: int
    mergeable: int


def compare(folder: Path, tell: Progress) -> None:
    """Do the job of this folder: groups, pairs and the outcome are in it afterwards. Raises SettingError."""
    job = msgspec.json.decode((folder / JOB).read_bytes(), type=Job)
    bulk = Bulk(folder, job.rules, region=job.region, memory=job.memory)
    try:
        found, records = _compared(bulk, folder, job, tell)
    except Exception as error:
        if needs_memory(error):
            raise SettingError(TOO_LITTLE.format(memory=job.memory)) from error
        raise
    finally:
        bulk.close()
    made = groups_of(found, records, job.judged, order(job.keep), users_too=job.users_too)
    tell(f"{counted(len(made), 'group')} found")
    _write(folder / GROUPS, (_group(job.workspace_id, one) for one in made))
    _write(folder / PAIRS, _pairs(job.workspace_id, made, found))
    gain = sum(one.gain for one in made)
    outcome = Outcome(contacts=bulk.contacts, compared=bulk.compared, groups=len(made), mergeable=gain)
    (folder / OUTCOME).write_bytes(msgspec.json.encode(outcome))


def _compared(bulk: Bulk, folder: Path, job: Job, tell: Progress) -> tuple[list[Found], Mapping[str, Record]]:
    """Pairs, and the contacts in them or in what people said; one of whom they said something may be gone."""
    bulk.read(folder / ENTRIES)
    (folder / ENTRIES).unlink()
    tell(f"{counted(bulk.contacts, 'contact')} read")
    bulk.compare(tell)
    named = {each for two in job.judged.same for each in two}
    return [*bulk.found(job.least)], {one.contact_id: one for one in bulk.records(job.least, named)}


def _group(workspace_id: str, one: Group) -> Sequence[object]:
    members = ",".join(f'"{_escaped(each)}"' for each in one.contact_ids)
    values = (one.group_id, f"{{{members}}}", one.contact_ids[0], one.tenths, one.gain, one.named)
    return (workspace_id, *values)


def _escaped(text: str) -> str:
    """Within the quotes of an array's text."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _pairs(workspace_id: str, made: Iterable[Group], found: Iterable[Found]) -> Iterable[Sequence[object]]:
    """Those within a group: what is told of it later."""
    together = {contact_id: one.group_id for one in made for contact_id in one.contact_ids}
    for each in found:
        if together.get(each.one, "") == together.get(each.other):
            yield (workspace_id, *pair(each.one, each.other), each.tenths, each.evidence)


def _write(file: Path, rows: Iterable[Sequence[object]]) -> None:
    """As PostgreSQL's COPY reads CSV; everything in quotes, so that nothing is taken for null."""
    with file.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target, quoting=csv.QUOTE_ALL).writerows(rows)


def main(folder: Path) -> int:
    """The process: progress on stdout, a sentence on stderr where it cannot be done."""
    os.nice(NICER)
    threading.Thread(target=_end_with_parent, args=(folder,), daemon=True).start()
    try:
        compare(folder, lambda text: print(text, flush=True))
    except SettingError as error:
        print(error, file=sys.stderr)
        return REFUSED
    return 0


def _end_with_parent(folder: Path) -> None:
    """Stdin closes when whoever began the scan stops it or dies: nobody waits for the outcome any more."""
    while os.read(sys.stdin.fileno(), 1):
        pass
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

"""`/console/system`: the doctor's checks, kept up to date; database, retention, versions."""

from __future__ import annotations

import asyncio
import platform
import shutil
from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from leadline import __version__
from leadline.console.drawing import box, moment, text
from leadline.console.language import _, numeral, plural
from leadline.console.retold import retold
from leadline.console.shell import Column, Section, Table, Visit, button
from leadline.console.shell.checkup import Finding, Found
from leadline.privacy import Retention
from leadline.privacy.retention import KINDS, Kept
from leadline.store.queries import queries

UNITS = ("bytes", "kB", "MB", "GB", "TB")
Facts = Sequence[tuple[str, str]]
Moments = Sequence[tuple[str, datetime | float | None]]


class System:
    """The page."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._looking: asyncio.Task[Found] | None = None
        with box("ll-acts"):
            button(visit, _("Check everything now"), "system", self._check, kind="strong", testid="check")
            self._checked = Section("", _draw_checked, testid="checked")
        self._findings: Table[Finding] = Table(
            [Column(_("Part"), lambda one: text(retold(one.part)), "22%"), Column(_("Finding"), _draw_finding)],
            lambda one: (one.part, one.trouble, one.word),
            title=_("Checks"),
            empty=_("The first checks are being made; they ask Intercom and every provider."),
            testid="findings",
        )
        self._fresh = Section(_("Backup and directory"), _draw_moments, testid="fresh")
        self._database = Section(_("Database"), _draw_facts, testid="database")
        self._kept = Section(_("What is kept"), _draw_kept, testid="kept")
        with box("ll-acts"):
            button(visit, _("Count what is kept"), "system", self._count, testid="count")
        Section(_("Versions"), _draw_facts, testid="versions").show(_versions(visit))
        self._kept.show([])

    async def refresh(self) -> None:
        """What the doctor found last; meanwhile a new look where it is time."""
        checkup = self._visit.house.checkup
        if checkup is not None:
            if self._looking is None or self._looking.done():
                self._looking = asyncio.create_task(checkup.look())
            self._show(checkup.latest)
        self._fresh.show(await self._moments())
        self._database.show(await self._database_facts())

    def _show(self, every: Found | None) -> None:
        found = every.of(self._visit.workspace_id) if every else None
        self._checked.show(found.at if found else 0.0)
        self._findings.show(found.findings if found else ())

    async def _check(self) -> str:
        if self._visit.house.checkup is None:
            return _("Checks are made by `leadline doctor` here")
        found = await self._visit.house.checkup.look(at_once=True)
        self._show(found)
        wrong = sum(bool(one.trouble) for one in found.of(self._visit.workspace_id).findings)
        return plural("{count} problem found", "{count} problems found", wrong) if wrong else _("All well")

    async def _count(self) -> None:
        visit = self._visit
        retention = Retention(visit.database, visit.leadline.settings.terms)
        self._kept.show(await retention.kept(visit.workspace_id))

    async def _moments(self) -> Moments:
        """When things were last done that should be done again and again; None for never."""
        backup = await self._visit.row(queries.last_backup) or {}
        directory = await self._visit.row(queries.directory_state) or {}
        return [
            (_("Last backup by Leadline"), backup.get("began_at")),
            (_("Directory compared with Intercom"), directory.get("walked_at")),
            (_("Changes in Intercom read"), directory.get("caught_up_at")),
            (_("Last webhook about a contact"), directory.get("heard_at")),
        ]

    async def _database_facts(self) -> Facts:
        row = await self._visit.row(queries.database_state) or {}
        facts = [
            (_("Size"), size(row["bytes"])),
            (_("Connections"), _("{count} of {all}", count=row["connections"], all=row["most"])),
            ("PostgreSQL", str(row["version"])),
        ]
        settings = self._visit.leadline.settings
        if not settings.database_url:
            folder = Path(settings.data_dir).resolve()
            free = await asyncio.to_thread(shutil.disk_usage, folder)
            facts += [(_("Folder"), str(folder)), (_("Free on that disk"), size(free.free))]
        return facts


def size(count: float) -> str:
    """Bytes as people read them."""
    for unit in UNITS[:-1]:
        if count < 1024:
            return _("{count} bytes", count=numeral(round(count))) if unit == "bytes" else _size(count, unit)
        count /= 1024
    return _size(count, UNITS[-1])


def _size(count: float, unit: str) -> str:
    return f"{numeral(round(count, 1))} {unit}"


def _versions(visit: Visit) -> Facts:
    return [
        ("Leadline", __version__),
        (_("Intercom's API"), visit.leadline.settings.intercom_version),
        ("Python", platform.python_version()),
        ("NiceGUI", version("nicegui")),
    ]


def _draw_checked(at: float) -> None:
    if at:
        with box("ll-acts ll-padded"):
            text(_("Checked"), "ll-soft")
            moment(at)


def _draw_finding(one: Finding) -> None:
    with box("ll-acts"):
        text(_("problem") if one.trouble else _("OK"), f"ll-tag {'bad' if one.trouble else 'good'}")
        text(retold(one.trouble or one.word), "ll-text")


def _draw_facts(facts: Facts) -> None:
    with box("ll-facts", "dl"):
        for name, value in facts:
            _fact(name, value)


def _draw_moments(moments: Moments) -> None:
    with box("ll-facts", "dl"):
        for name, at in moments:
            with box("", "dt"):
                text(name)
            with box("", "dd"):
                if at is None:
                    text(_("never"), "ll-faint")
                else:
                    moment(at)


def _draw_kept(kept: Sequence[Kept]) -> None:
    rows: dict[str, Any] = {one.kind: one for one in kept}
    with box("ll-facts", "dl"):
        for kind in KINDS:
            one = rows.get(kind.name)
            counts = (
                plural("{rows}, for {count} day", "{rows}, for {count} days", one.days, rows=numeral(one.rows))
                if one
                else _("not counted yet")
            )
            _fact(_(kind.meaning), counts)


def _fact(name: str, value: str) -> None:
    with box("", "dt"):
        text(name)
    with box("", "dd"):
        text(value)


async def draw(visit: Visit) -> None:
    """The page."""
    system = System(visit)
    visit.refresh = system.refresh
    await system.refresh()

"""The second step of the set-up: what to enter and tick in Intercom's Developer Hub, and whether it really works."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

from leadline.console.channels.drawn import copied
from leadline.console.drawing import box, moment, text
from leadline.console.language import _, marked
from leadline.console.retold import retold
from leadline.console.setup.progress import Progress
from leadline.console.shell import Visit
from leadline.console.shell.checkup import Found
from leadline.model import Struct
from leadline.outbound.notifications import CONTACT_NEWS, TOPICS

REACHED = ("public address", "panel")
"""Parts of the doctor's findings that tell whether Intercom can get here."""
NOT_YET = marked("not yet")


class Ticks(Struct, frozen=True, kw_only=True):
    """What the step shows. troubles: why Intercom may not get here."""

    is_connected: bool
    heard: Mapping[str, datetime]
    panel_at: datetime | None
    troubles: tuple[str, ...]


class Ticking:
    """What the step looks at and draws."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._base = visit.leadline.settings.public_url.rstrip("/")
        self._looking: asyncio.Task[Found] | None = None

    async def shown(self, now: Progress) -> Ticks:
        """What was heard, and what the doctor found last; meanwhile it looks again where it is time."""
        checkup = self._visit.house.checkup
        if checkup is not None and now.next <= 2 and (self._looking is None or self._looking.done()):
            self._looking = asyncio.create_task(checkup.look())
        found = checkup.latest.findings if checkup and checkup.latest else ()
        troubles = tuple(one.trouble for one in found if one.part in REACHED and one.trouble)
        return Ticks(is_connected=now.done[0], heard=now.heard, panel_at=now.panel_at, troubles=troubles)

    def draw(self, ticks: Ticks) -> None:
        """The addresses and topics, each with what came of it."""
        with box("ll-padded ll-stack ll-roomy"):
            for trouble in ticks.troubles:
                text(retold(trouble), "ll-text ll-bad", testid="unreachable")
            self._draw_webhooks(ticks)
            self._draw_panel(ticks)
            version = self._visit.leadline.settings.intercom_version
            text(
                _(
                    "Set the API version of the app to {version}, too: that is the one Leadline speaks.",
                    version=version,
                ),
                "ll-soft",
            )

    def _draw_webhooks(self, ticks: Ticks) -> None:
        _draw_check(_("Webhook arrived"), max(ticks.heard.values(), default=None), testid="webhook-arrived")
        text(_("Enter this address under Configure, Webhooks in the Developer Hub, and choose the topics below."))
        copied(f"{self._base}/intercom/webhook", _("the address for webhooks"), testid="webhook-address")
        if not ticks.heard:
            text(_("Then press Send a test request beside the address: it shows here within seconds."), "ll-soft")
        _draw_topics(_("Topics without which answers go out minutes late"), sorted(TOPICS), ticks.heard)
        fresh = sorted(CONTACT_NEWS - TOPICS)
        _draw_topics(_("Topics that keep Leadline's copy of your contacts fresh"), fresh, ticks.heard)

    def _draw_panel(self, ticks: Ticks) -> None:
        _draw_check(_("Panel opened"), ticks.panel_at, testid="panel-opened")
        text(_("Enter these under Configure, Canvas Kit, For teammates, Add to conversation details."))
        copied(f"{self._base}/intercom/inbox/initialize", _("the initialize URL"), testid="initialize-address")
        copied(f"{self._base}/intercom/inbox/submit", _("the submit URL"), testid="submit-address")
        if ticks.panel_at is None:
            text(
                _("Then open a conversation in the Inbox, choose Edit apps below its details, and pin the app."),
                "ll-soft",
            )


def _draw_check(what: str, at: datetime | None, *, testid: str) -> None:
    with box("ll-acts", testid=testid):
        text(_("done") if at else _(NOT_YET), f"ll-tag {'good' if at else 'plain'}")
        text(what, "ll-name")
        if at:
            moment(at)


def _draw_topics(title: str, topics: Sequence[str], heard: Mapping[str, datetime]) -> None:
    with box("", "details"):
        with box("", "summary"):
            text(
                _(
                    "{what} ({count} of {all} came)",
                    what=title,
                    count=sum(topic in heard for topic in topics),
                    all=len(topics),
                )
            )
        with box("ll-steps", "ul"):
            for topic in topics:
                with box("", "li"), box("ll-acts"):
                    text(topic, "ll-mono ll-text")
                    text(_("came") if topic in heard else _(NOT_YET), f"ll-tag {'good' if topic in heard else 'plain'}")

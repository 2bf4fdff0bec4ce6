"""`/console/setup`: the steps from nothing to the first message, each live. It can be left and gone on with."""

from __future__ import annotations

from nicegui import ui

from leadline.console.channels.form import choose_provider
from leadline.console.channels.standing import Standing
from leadline.console.drawing import box, text
from leadline.console.language import _, marked
from leadline.console.messages.shown import MessageShown
from leadline.console.setup.arriving import draw_channels, draw_message
from leadline.console.setup.connecting import Connecting
from leadline.console.setup.progress import Progress, progress
from leadline.console.setup.ticking import Ticking
from leadline.console.shell import Section, Visit

Channels = tuple[Standing, ...]
STEPS = (
    marked("Connect Intercom"),
    marked("What to tick in Intercom"),
    marked("The first channel"),
    marked("A test message"),
)


class Wizard:
    """The page."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._ticking = Ticking(visit)
        self._overview = Section("", _draw_overview, testid="steps")
        connecting, titles = Connecting(visit), [f"{number}. {_(title)}" for number, title in enumerate(STEPS, 1)]
        self._intercom = Section(titles[0], connecting.draw, testid="step-intercom")
        self._ticks = Section(titles[1], self._ticking.draw, testid="step-ticks")
        self._channels: Section[tuple[Channels, bool]] = Section(
            titles[2], lambda shown: draw_channels(visit, *shown), testid="step-channel"
        )
        self._form = box("ll-stack")
        self._message: Section[tuple[Channels, MessageShown | None, str]] = Section(
            titles[3], lambda shown: draw_message(visit, *shown), testid="step-message"
        )
        self._end = Section("", _draw_end, testid="step-end")

    async def refresh(self) -> None:
        """See what is there by now; what did not change stays as it is, with what is being typed."""
        now = await progress(self._visit)
        self._overview.show(now.done)
        self._intercom.show((now.workspace, now.refused))
        self._ticks.show(await self._ticking.shown(now))
        self._channels.show((now.channels, now.done[0]))
        self._message.show((now.channels, now.message, now.conversation_id))
        self._end.show(now.next == 5)
        self._offer_channel(now)

    def _offer_channel(self, now: Progress) -> None:
        """The form stays once it is there: what it shows after the channel was made is shown only once."""
        if self._form.default_slot.children or not now.done[0]:
            return
        if not now.channels or self._visit.param("provider"):
            with self._form:
                choose_provider(self._visit)


def _draw_overview(done: tuple[bool, ...]) -> None:
    with box("ll-padded ll-acts"):
        text(_("{done} of {all} done", done=sum(done), all=len(done)), "ll-name", testid="count")
        for title, is_done in zip(STEPS, done, strict=True):
            text(_(title), "ll-tag good" if is_done else "ll-tag plain")
        text(_("You can leave this page and come back: what is there already stays done."), "ll-faint")


def _draw_end(is_there: bool) -> None:
    if not is_there:
        return
    with box("ll-padded ll-stack ll-roomy", testid="finished"):
        text(_("Everything is set up. Messages arrive in Intercom, and answers go out."), "ll-name")
        with box("ll-acts"):
            for words, address in (
                (_("See what happens today"), "/console"),
                (_("Invite your team"), "/console/team"),
                (_("Get notified when something needs you"), "/console/alerts"),
                (_("Change how it behaves"), "/console/settings"),
            ):
                ui.link(words, address)


async def draw(visit: Visit) -> None:
    """The page."""
    wizard = Wizard(visit)
    visit.refresh = wizard.refresh
    await wizard.refresh()

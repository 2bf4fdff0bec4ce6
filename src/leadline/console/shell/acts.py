"""The only way a page does something: a button that names its right. Whoever lacks it gets no button.

A forged event of the websocket meets the same question again when the button's work begins.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog
from nicegui import ui

from leadline.console.drawing import box, mark, text
from leadline.console.language import _, speaking
from leadline.console.retold import retold
from leadline.console.shell.visit import Visit
from leadline.console.trouble import TROUBLE
from leadline.errors import LeadlineError

Do = Callable[[], Awaitable[str | None]]
"""What a press does; returns a word for the person."""
log = structlog.get_logger(__name__)


def button(
    visit: Visit, label: str, right: str, do: Do, *, kind: str = "", ask: str = "", key: str = "", testid: str = ""
) -> ui.element | None:
    """A button for whoever has the right; None for all others.

    kind: `strong` or `danger`. ask: a question that must be answered first. key: a letter that presses it.
    """
    if not visit.seat.may(right):
        return None
    press = _Press(visit, label, right, do, ask, name=testid or right, dangerous=kind == "danger")
    drawn = plain_button(label, press, kind=kind, testid=testid)
    return mark(drawn, key=key) if key else drawn


def plain_button(label: str, press: Callable[[], Awaitable[None]], *, kind: str = "", testid: str = "") -> ui.element:
    """The look of a button; for what only changes what is shown."""
    drawn = box(f"ll-button {kind}".strip(), "button", **({"testid": testid} if testid else {}))
    drawn.props["type"] = "button"
    drawn.on("click", press, args=[])
    with drawn:
        text(label)
    return drawn


class _Press:
    """One button's work; a second press while it runs does nothing."""

    def __init__(self, visit: Visit, label: str, right: str, do: Do, ask: str, *, name: str, dangerous: bool) -> None:
        self._visit = visit
        self._label = label
        self._right = right
        self._do = do
        self._ask = ask
        self._name = name
        self._dangerous = dangerous
        self._running = False

    async def __call__(self) -> None:
        if self._running:
            return
        self._running = True
        try:
            with speaking(self._visit.language):
                if not self._ask or await self._confirmed():
                    await self._perform()
        finally:
            self._running = False

    async def _perform(self) -> None:
        visit = self._visit
        try:
            async with visit.acting(self._right):
                word = await self._do()
        except TROUBLE as error:
            log.warning("act_failed", act=self._name, right=self._right, why=type(error).__name__)
            told = retold(str(error)) if isinstance(error, LeadlineError) else _("This did not work: {why}", why=error)
            visit.say(told, bad=True)
        else:
            if word:
                visit.say(word)
        if visit.refresh is not None:
            await visit.refresh()

    async def _confirmed(self) -> bool:
        self._visit.talk.clear()
        with self._visit.talk, ui.dialog() as dialog, box("ll-dialog"):
            text(self._ask, "ll-text")
            with box("ll-acts ll-end"):
                kind = "danger" if self._dangerous else "strong"
                plain_button(_("Cancel"), _answer(dialog, given=False), testid="cancel")
                plain_button(self._label, _answer(dialog, given=True), kind=kind, testid="confirm")
        return bool(await dialog)


def _answer(dialog: ui.dialog, *, given: bool) -> Callable[[], Awaitable[None]]:
    async def answer() -> None:
        dialog.submit(given)

    return answer

"""The frame around every page: menu, title, who is signed in, and what keeps the page up to date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import structlog
from nicegui import ui

from leadline.console.drawing import box, look, mark, text
from leadline.console.language import _, speaking
from leadline.console.rights import RIGHTS
from leadline.console.shell.page import Page
from leadline.console.shell.spoken import tell_browser
from leadline.console.shell.switch import draw_switch
from leadline.console.shell.visit import Visit
from leadline.console.trouble import TROUBLE

EVERY = 2.0  # seconds between two looks at what changed, and at whether the session still holds
log = structlog.get_logger(__name__)


async def show(visit: Visit, page: Page, pages: Sequence[Page], beside: dict[str, str]) -> None:
    """Draw a whole page for whoever may see it."""
    look()
    tell_browser(visit.language)
    names = await visit.workspace_names()
    lines = [one for one in pages if await _is_listed(visit, one)]
    with box("ll-frame"):
        skip = ui.link(_("Skip to the page"), "#page").classes("ll-skip")
        skip.props["data-testid"] = "skip"
        _menu(page, lines, beside)
        with box("ll-body"):
            _top(visit, page, names)
            with box("ll-page", "main", testid="console") as main:
                main.props["id"] = "page"
                if visit.seat.may(page.right):
                    await page.draw(visit)
                else:
                    _refused(visit, page)
            visit.talk.move(main)
    await _keep(visit)


async def _is_listed(visit: Visit, page: Page) -> bool:
    if not page.menu or not visit.seat.may(page.right) or not (page.early or visit.knows_workspace):
        return False
    return page.listed is None or await page.listed(visit)


def _menu(page: Page, lines: Sequence[Page], beside: dict[str, str]) -> None:
    with box("ll-menu", "nav") as nav:
        nav.props["aria-label"] = _("Console")
        with ui.link(target="/console").classes("ll-brand"):
            text("Leadline")
        with box("ll-unfold ll-button quiet", "button", testid="menu") as unfold:
            unfold.props.update({"type": "button", "aria-expanded": "false", "aria-controls": "lines"})
            text(_("Menu"))
        with box("ll-lines", "ul") as drawn:
            drawn.props["id"] = "lines"
            for one in lines:
                here = page.address.startswith(one.address)
                at_home = one.address == "/console" and page.address != "/console"
                _line(_(one.menu), one.address, keys=one.keys, here=here and not at_home)
            for name, address in beside.items():
                _line(name, address, keys="", here=False)


def _line(name: str, address: str, *, keys: str, here: bool) -> None:
    with box("", "li"), ui.link(target=address).classes("ll-line") as line:
        if here:
            line.props["aria-current"] = "page"
        if keys:
            mark(line, key=keys)
        text(name)


def _top(visit: Visit, page: Page, names: Mapping[str, str]) -> None:
    with box("ll-top", "header"):
        with box("ll-title", "h1"):
            text(_(page.title))
        draw_switch(visit, page, names)
        with box("ll-keys ll-button quiet", "button", testid="keys") as keys:
            keys.props.update({"type": "button", "aria-label": _("Keys")})
            text("?")
        if visit.seat.session_id:
            ui.link(visit.seat.email, "/console/account").classes("ll-clip").props["data-testid"] = "who"
            _sign_out()


def _sign_out() -> None:
    with box("", "form") as form:
        form.props.update({"method": "post", "action": "/console/sign-out"})
        with box("ll-button quiet", "button", testid="sign-out") as press:
            press.props["type"] = "submit"
            text(_("Sign out"))


def _refused(visit: Visit, page: Page) -> None:
    ui.context.client.status_code = 403
    sentence = _(
        "Your role is {role}. This page needs the role {needed}; an owner can give it to you.",
        role=visit.seat.role.shown,
        needed=RIGHTS[page.right].least.shown,
    )
    text(sentence, "ll-empty", testid="refused")


async def _keep(visit: Visit) -> None:
    """Look again and again, for as long as the page is open and the session holds."""

    async def look_again() -> None:
        try:
            if await visit.still() is None:
                ui.navigate.to(visit.here())  # the guard says why it is over, and leads back here
            elif visit.refresh is not None:
                with speaking(visit.language):
                    await visit.refresh()
        except TROUBLE as error:
            log.warning("page_not_refreshed", why=f"{type(error).__name__}: {error}")

    ui.timer(EVERY, look_again, immediate=False)

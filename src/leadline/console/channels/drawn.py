"""What the channels' pages and the set-up draw alike: state, webhook address, the acts that a press is enough for."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from leadline.console.channels.standing import Standing
from leadline.console.drawing import box, mark, moment, text
from leadline.console.language import _, plural
from leadline.console.retold import retold
from leadline.console.shell import Visit, button


def draw_state(one: Standing) -> None:
    """A word on how it does, and what is wrong or waits."""
    with box("ll-acts"):
        text(one.state, f"ll-tag {one.tone}", testid="state")
        if one.set_aside:
            aside = plural(
                "{count} message set aside until it is resumed",
                "{count} messages set aside until it is resumed",
                one.set_aside,
            )
            text(aside, "ll-faint")
        if one.failed:
            failed = plural(
                "{count} message failed since yesterday", "{count} messages failed since yesterday", one.failed
            )
            text(failed, "ll-faint ll-bad")
    if one.trouble:
        text(retold(one.trouble), "ll-text ll-bad")


def draw_last(at: datetime | None) -> None:
    """When something came or went last."""
    if at:
        moment(at)
    else:
        text(_("none lately"), "ll-faint")


def draw_webhook(one: Standing) -> None:
    """The address to copy, and what to do with it at the provider."""
    if not one.webhook:
        text(_("An admin sees it."), "ll-faint")
        return
    copied(one.webhook, _("the address of {name}", name=one.name), testid="webhook")
    with box("", "details"):
        with box("", "summary"):
            text(_("What to do at the provider"))
        with box("ll-steps", "ol"):
            for step in one.setup:
                with box("", "li"):
                    text(step, "ll-text")


def copied(value: str, what: str, *, testid: str) -> None:
    """A value with a button that copies it."""
    with box("ll-acts"):
        text(value, "ll-mono ll-text", testid=testid)
        with mark(box("ll-button", "button"), copy=value) as copy:
            copy.props.update({"type": "button", "aria-label": _("Copy {what}", what=what)})
            text(_("Copy"))


def pause_button(visit: Visit, one: Standing) -> None:
    """Pause, or resume what is paused."""
    if one.is_paused:
        button(visit, _("Resume"), "channels", partial(_resume, visit, one), kind="strong", testid="resume")
        return
    ask = _("Pause {name}? What customers write is kept, and your answers wait, until you resume it.", name=one.name)
    button(visit, _("Pause"), "channels", partial(_pause, visit, one), ask=ask, testid="pause")


async def _pause(visit: Visit, one: Standing) -> str:
    await visit.leadline.connections.pauses.pause(visit.workspace_id, one.channel_id)
    return _("{name} is paused: messages are kept, and replies wait until it is resumed", name=one.name)


async def _resume(visit: Visit, one: Standing) -> str:
    count = await visit.leadline.connections.pauses.resume(visit.workspace_id, one.channel_id)
    if not count:
        return _("{name} is running again", name=one.name)
    return plural(
        "{name} is running again; {count} message that waited is being processed",
        "{name} is running again; {count} messages that waited are being processed",
        count,
        name=one.name,
    )

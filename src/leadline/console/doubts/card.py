"""One doubt as it is drawn: who wrote what, whom Leadline took and why, who else it may be, what can be done."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlencode

from nicegui import ui

from leadline.console.doubts.deciding import Deciding
from leadline.console.doubts.doubt import Doubt, Other
from leadline.console.drawing import box, mark, moment, text
from leadline.console.language import _
from leadline.console.retold import retold
from leadline.console.shell import Visit, button, contact
from leadline.identity.words import addresses

KEYS = "123456789"


def draw_card(deciding: Deciding, one: Doubt) -> ui.element:
    """The whole card. It can be stood on with j and k; its letters press the buttons of the one that is stood on."""
    with box("ll-pane ll-stop", "article", testid="doubt", stop="") as card:
        card.props.update(
            {"tabindex": "0", "aria-label": _("Doubt about {who}", who=one.name or addresses(one.handles))}
        )
        _draw_sender(one)
        with box("ll-two"):
            with box("ll-stack ll-gap"):
                _draw_chosen(deciding.visit, one)
                _draw_steps(one)
            _draw_others(deciding, one)
        _draw_acts(deciding, one)
    return card


def _draw_sender(one: Doubt) -> None:
    with box("ll-head"):
        text(one.name or addresses(one.handles), "ll-name")
        if one.name:
            text(addresses(one.handles), "ll-soft")
        text(one.channel, "ll-faint")
        box("ll-grow")
        with box("ll-faint"):
            moment(one.at)
    if one.arrival_id:
        ui.link(one.text or _("[no text]"), f"/console/messages/{one.arrival_id}").classes("ll-text ll-quote")


def _draw_chosen(visit: Visit, one: Doubt) -> None:
    with box("ll-acts"):
        text(_("Leadline chose"), "ll-soft")
        contact(visit, one.contact_id, one.contact or _("Contact"), one.role)
    with box("ll-acts"):
        for word in one.why:
            text(word, "ll-tag warn", testid="why")


def _draw_steps(one: Doubt) -> None:
    with box("ll-falls", "ol", testid="steps"):
        for step in one.steps:
            with box("ll-fall", "li"):
                with box("ll-track") as track:
                    track.props["aria-hidden"] = "true"
                    bar = box(f"ll-bar {'good' if step.weight > 0 else 'bad'}")
                    bar.style(f"inset-inline-start: {step.start:.1%}; width: {step.end - step.start:.1%}")
                with box("ll-text"):
                    text({1: _("For:"), -1: _("Against:")}.get((step.weight > 0) - (step.weight < 0), ""), "ll-unseen")
                    text(retold(step.sentence))


def _draw_others(deciding: Deciding, one: Doubt) -> None:
    with box("ll-stack ll-gap", testid="others"):
        text(_("Who else it may be"), "ll-label")
        if not one.others:
            text(_("Nobody else fits."), "ll-soft")
        for number, other in enumerate(one.others):
            with box("ll-option"):
                with box("ll-stack ll-grow"):
                    with box("ll-acts"):
                        contact(deciding.visit, other.contact_id, other.name, other.role)
                    text(other.known_by, "ll-faint ll-text")
                _draw_take(deciding, one, other, KEYS[number : number + 1])


def _draw_take(deciding: Deciding, one: Doubt, other: Other, key: str) -> None:
    do = partial(deciding.attach, one, other.contact_id)
    ask = _(
        "Do messages from {address} belong to {name}? They go there from now on.",
        address=addresses(one.handles),
        name=other.name,
    )
    button(deciding.visit, _("It is this one"), "correct", do, ask=ask, key=key, testid="take")


def _draw_acts(deciding: Deciding, one: Doubt) -> None:
    visit = deciding.visit
    if not visit.seat.may("confirm"):
        return
    with box("ll-acts ll-foot"):
        button(
            visit,
            _("Confirm"),
            "confirm",
            partial(deciding.confirm, one),
            kind="strong",
            key="c",
            testid="confirm-doubt",
        )
        if visit.seat.may("correct"):
            query = urlencode({"address": one.handle, "doubt": one.link_id})
            somebody = ui.link(_("Somebody else…"), f"/console/people/{one.contact_id}/move?{query}").classes(
                "ll-button"
            )
            mark(somebody, key="x", testid="somebody")
        ask = _("Is {address} none of these? The next message creates a new lead.", address=addresses(one.handles))
        button(visit, _("None of these"), "correct", partial(deciding.detach, one), ask=ask, key="n", testid="nobody")

"""The last steps of the set-up: the channels that are connected, and where a test message went."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui

from leadline.console.channels.drawn import draw_state, draw_webhook
from leadline.console.channels.standing import Standing
from leadline.console.drawing import box, moment, outside, text
from leadline.console.language import _
from leadline.console.messages.shown import STATES, MessageShown, tone
from leadline.console.shell import Visit


def draw_channels(visit: Visit, channels: Sequence[Standing], is_connected: bool) -> None:
    """Each with its address and how it does."""
    with box("ll-padded ll-stack ll-roomy"):
        if not channels:
            text(
                _("Choose the provider of your first channel below; its form says where to find what it asks for.")
                if is_connected
                else _("First connect Intercom above."),
                "ll-soft",
            )
        for one in channels:
            with box("ll-stack ll-roomy", testid="set-up-channel"):
                ui.link(f"{one.name}: {one.provider}, {one.address}", f"/console/channels/{one.channel_id}")
                draw_state(one)
                text(_("The provider must call this address whenever a customer writes:"), "ll-soft")
                draw_webhook(one)
        if channels and visit.seat.may("channels"):
            ui.link(_("Connect another channel"), "/console/channels/new")


def draw_message(
    visit: Visit, channels: Sequence[Standing], message: MessageShown | None, conversation_id: str
) -> None:
    """Waits until one is there; then says where it went, and why."""
    with box("ll-padded ll-stack ll-roomy"):
        if message is None:
            _draw_waiting(channels)
            return
        with box("ll-acts", testid="arrived"):
            text(_(STATES[message.state]), f"ll-tag {tone(message.state)}")
            text(
                _(
                    "{name} wrote on {channel}: {content}",
                    name=message.name or message.sender,
                    channel=message.channel,
                    content=message.content,
                ),
                "ll-text",
            )
            moment(message.at)
        if message.explanation:
            text(message.explanation, "ll-text ll-bad")
        if message.contact:
            with box("ll-acts"):
                text(_("It is on the contact"), "ll-soft")
                outside(_named(message), visit.contact_link(message.contact_id))
                text(message.reason, "ll-tag")
                if conversation_id:
                    words = _("in conversation {number}", number=conversation_id)
                    outside(words, visit.conversation_link(conversation_id))
        ui.link(_("Its whole story"), f"/console/messages/{message.arrival_id}")
        if message.state == "parked":
            ui.link(_("What to do about it"), "/console/waiting")


def _named(message: MessageShown) -> str:
    """The contact's name, or its number where it has none."""
    return message.contact if message.contact != _("Contact") else message.contact_id


def _draw_waiting(channels: Sequence[Standing]) -> None:
    if not channels:
        text(_("Comes after the first channel."), "ll-soft")
        return
    with box("ll-acts"):
        text(_("waiting for the first message"), "ll-tag plain", testid="waiting")
    for one in channels:
        text(
            _(
                "Write to {address} with another phone or account, as a customer of {name} would.",
                address=one.address,
                name=one.name,
            )
        )
    text(
        _(
            "It shows here the moment it arrives. If it does not: check at the provider that its webhook "
            "address is the one above, and that the address can be reached from outside; `leadline "
            "doctor` checks both."
        ),
        "ll-soft",
    )

"""Right pane: who it is, by which ids, and why Leadline chose this contact."""

from __future__ import annotations

from nicegui import ui

from leadline.console.drawing import box, text
from leadline.console.shown import Choice, Why
from leadline.identity.reasons import EVIDENCE, title
from leadline.identity.words import address, phone
from leadline.stage.scene import Stage
from leadline.stage.shown import Item, LinkLine, ProfileCard


class ProfilePane:
    """Shows one contact."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._shown: ProfileCard | None = None
        with box("ll-pane", "section", testid="profile"):
            with box("ll-head"):
                ui.icon("person_search").classes("ll-soft")
                text("Who, and why", "ll-grow")
            with box("ll-scroll ll-grow"):
                self._card = box("ll-stack")
        self._draw()

    async def refresh(self, contact_id: str, item: Item | None) -> None:
        """Show this contact as it is now."""
        card = await self._stage.profile(contact_id, item) if contact_id else None
        if card != self._shown:
            self._shown = card
            self._draw()

    def _draw(self) -> None:
        card = self._shown
        self._card.clear()
        with self._card:
            if card is None:
                text("The contact of the open conversation appears here.", "ll-empty")
                return
            with box("ll-section ll-stack"), box("ll-row"):
                text(card.name, "ll-big ll-grow", testid="contact-name")
                text(card.role, f"ll-tag {card.role}", testid="contact-role")
            if card.why:
                draw_why(card.why)
            _draw_pairs("Ids in Intercom", card.ids)
            _draw_pairs("Attributes", card.attributes)
            draw_links(card.links)


def draw_why(why: Why) -> None:
    """The decision of the last message: sentences first, then everybody it could have been."""
    with box("ll-section ll-stack", testid="why"):
        with box("ll-row"):
            text("Why this contact", "ll-label ll-grow")
            text(title(why.code), "ll-tag plain", testid="reason")
        for sentence in why.sentences:
            text(sentence, "ll-text")
        if why.doubtful:
            text("Please check: Leadline is not sure that this is the right contact.", "ll-bad")
        for choice in why.choices:
            _draw_choice(choice)
        text(f"Message {why.message}, policy {why.policy}", "ll-faint")


def _draw_choice(choice: Choice) -> None:
    with box(f"ll-stack ll-choice {'chosen' if choice.chosen else ''}"):
        with box("ll-row"):
            text(choice.name or "No name", "ll-clip ll-grow")
            text(choice.role, f"ll-tag {choice.role}")
        text(f"{phone(choice.phone)}, {'chosen' if choice.chosen else 'not chosen'}", "ll-faint ll-clip")


def _draw_pairs(title: str, pairs: tuple[tuple[str, str], ...]) -> None:
    if not pairs:
        return
    with box("ll-section ll-stack"):
        text(title, "ll-label")
        with box("ll-pairs"):
            for label, value in pairs:
                text(label)
                text(value, "ll-mono")


def draw_links(links: tuple[LinkLine, ...]) -> None:
    """The addresses that lead here."""
    if not links:
        return
    with box("ll-section ll-stack", testid="links"):
        text("Addresses known to Leadline", "ll-label")
        for link in links:
            text(address(link.handle))
            text(f"Evidence: {EVIDENCE.get(link.evidence, link.evidence)}; linked by {link.author}", "ll-faint")

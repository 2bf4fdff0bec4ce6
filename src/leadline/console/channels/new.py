"""`/console/channels/new`: choose a provider, fill in its form, connect."""

from __future__ import annotations

from leadline.console.channels.form import choose_provider
from leadline.console.shell import Visit


async def draw(visit: Visit) -> None:
    """The page."""
    choose_provider(visit)

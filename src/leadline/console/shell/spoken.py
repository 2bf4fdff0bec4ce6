"""Tells the browser a page's language: what screen readers speak, which way it is written, the script's own words."""

from __future__ import annotations

from copy import copy
from html import escape
from typing import cast

import msgspec
from nicegui import ui
from nicegui.language import Language

from leadline.console.language import ENGLISH, _, direction

PLACE = "leadline-words"


def tell_browser(language: str) -> None:
    """Of the page that is being drawn; NiceGUI knows one language for all who open an address, so it gets a copy."""
    client = ui.context.client
    client.page = copy(client.page)
    client.page.language = cast("Language", "en-US" if language == ENGLISH else language)
    words = escape(msgspec.json.encode(_scripts_words()).decode())
    ui.add_head_html(f'<meta name="{PLACE}" content="{words}">')
    ui.add_head_html(f'<script>document.documentElement.dir = "{direction(language)}"</script>')


def _scripts_words() -> dict[str, str]:
    """What `console.js` says by itself, by its English words."""
    return {
        "Keys": _("Keys"),
        "Close": _("Close"),
        "Search": _("Search"),
        "Go to the next one": _("Go to the next one"),
        "Go to the one before": _("Go to the one before"),
        "Show or close this list": _("Show or close this list"),
        "Go to the next link or button": _("Go to the next link or button"),
    }

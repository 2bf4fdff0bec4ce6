"""What all pages of the console share: the frame with its menu, buttons that ask for a right, tables, times, keys.

A page is a `Page` in `console/menu.py`; it is drawn with a `Visit`.
"""

from leadline.console.shell.acts import button
from leadline.console.shell.contact import contact
from leadline.console.shell.entries import Entry, Pick, Tick
from leadline.console.shell.filters import Choice, Search, filters
from leadline.console.shell.page import Page
from leadline.console.shell.section import Section
from leadline.console.shell.single import draw_single
from leadline.console.shell.table import Column, Table, older_link
from leadline.console.shell.visit import House, NotAllowed, Visit

__all__ = [
    "Choice",
    "Column",
    "Entry",
    "House",
    "NotAllowed",
    "Page",
    "Pick",
    "Search",
    "Section",
    "Table",
    "Tick",
    "Visit",
    "button",
    "contact",
    "draw_single",
    "filters",
    "older_link",
]

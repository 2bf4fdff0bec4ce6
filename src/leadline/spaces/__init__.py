"""The settings of a workspace and its channels: kept in the database, changed while Leadline runs, with their history.

`settings.py` names them all, once; `registry.py` reads and shows their values; `book.py` keeps them, and `schedules.py`
those of schedules. The console, the command line and the wings that act by them hold a `Book`.
"""

from leadline.spaces.book import Book, Change, Value, opened_book
from leadline.spaces.registry import REGISTRY, Setting
from leadline.spaces.schedules import Schedule, Schedules
from leadline.spaces.settings import WorkspaceSettings

__all__ = [
    "REGISTRY", "Book", "Change", "Schedule", "Schedules", "Setting", "Value", "WorkspaceSettings", "opened_book",
]  # fmt: skip

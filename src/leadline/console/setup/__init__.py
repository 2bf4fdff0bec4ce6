"""From nothing to the first message: connect Intercom, see that it sends, connect a channel, write to it."""

from leadline.console.language import marked
from leadline.console.setup import wizard
from leadline.console.setup.progress import is_unfinished
from leadline.console.shell.page import Page

SETUP = Page(
    "/setup",
    marked("Set-up"),
    "setup",
    wizard.draw,
    menu=marked("Set-up"),
    keys="g i",
    early=True,
    listed=is_unfinished,
)

__all__ = ["SETUP"]

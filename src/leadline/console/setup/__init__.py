"""From nothing to the first message: connect Intercom, see that it sends, connect a channel, write to it."""

from leadline.console.setup import wizard
from leadline.console.setup.progress import is_unfinished
from leadline.console.shell.page import Page

SETUP = Page("/setup", "Set-up", "setup", wizard.draw, menu="Set-up", keys="g i", early=True, listed=is_unfinished)

__all__ = ["SETUP"]

"""What the workspace and its channels do their own way, and who changed it when."""

from leadline.console.settings.page import draw
from leadline.console.shell.page import Page

SETTINGS = Page("/settings", "Settings", "settings", draw, menu="Settings", keys="g e")

__all__ = ["SETTINGS"]

"""What the workspace and its channels do their own way, and who changed it when."""

from leadline.console.language import marked
from leadline.console.settings.page import draw
from leadline.console.shell.page import Page

SETTINGS = Page("/settings", marked("Settings"), "settings", draw, menu=marked("Settings"), keys="g e")

__all__ = ["SETTINGS"]

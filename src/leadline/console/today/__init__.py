"""The first page: what needs attention now."""

from leadline.console.shell.page import Page
from leadline.console.today.overview import draw

TODAY = Page("", "Today", "look", draw, menu="Today", keys="g t")

__all__ = ["TODAY"]

"""The first page: what needs somebody now, and how the last hours went."""

from leadline.console.language import marked
from leadline.console.shell.page import Page
from leadline.console.today.page import draw

TODAY = Page("", marked("Today"), "look", draw, menu=marked("Today"), keys="g t")

__all__ = ["TODAY"]

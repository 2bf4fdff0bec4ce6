"""What went out to customers, or was to: found by state, reason, channel and time."""

from leadline.console.language import marked
from leadline.console.replies.page import draw
from leadline.console.shell.page import Page

REPLIES = Page("/replies", marked("Replies"), "look", draw, menu=marked("Replies"), keys="g r")

__all__ = ["REPLIES"]

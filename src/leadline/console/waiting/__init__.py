"""What is parked, and what waits for another try: whose, since when, why; tried again or given up."""

from leadline.console.language import marked
from leadline.console.shell.page import Page
from leadline.console.waiting.page import draw

WAITING = Page("/waiting", marked("Waiting and parked"), "look", draw, menu=marked("Waiting"), keys="g w")

__all__ = ["WAITING"]

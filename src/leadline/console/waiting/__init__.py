"""What is parked, and what waits for another try: whose, since when, why; tried again or given up."""

from leadline.console.shell.page import Page
from leadline.console.waiting.page import draw

WAITING = Page("/waiting", "Waiting and parked", "look", draw, menu="Waiting", keys="g w")

__all__ = ["WAITING"]

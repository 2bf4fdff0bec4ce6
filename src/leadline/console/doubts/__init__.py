"""Decisions that a person should look at: confirmed or corrected, one key each."""

from leadline.console.doubts.page import draw
from leadline.console.language import marked
from leadline.console.shell.page import Page

DOUBTS = Page("/doubts", marked("Doubts"), "look", draw, menu=marked("Doubts"), keys="g d")

__all__ = ["DOUBTS"]

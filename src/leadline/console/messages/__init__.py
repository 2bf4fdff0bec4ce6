"""Customers' messages: the list, narrowed by its address, and everything on record about one of them."""

from leadline.console.language import marked
from leadline.console.messages import listing, one
from leadline.console.shell.page import Page

MESSAGES = Page("/messages", marked("Messages"), "look", listing.draw, menu=marked("Messages"), keys="g m")
MESSAGE = Page("/messages/{number}", marked("Message"), "look", one.draw)

__all__ = ["MESSAGE", "MESSAGES"]

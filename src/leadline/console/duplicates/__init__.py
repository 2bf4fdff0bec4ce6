"""Duplicates: the queue of groups, one group side by side, and the batches that merged them, with the way back."""

from leadline.console.duplicates import batches, group, listing
from leadline.console.language import marked
from leadline.console.shell.page import Page

DUPLICATES = Page("/duplicates", marked("Duplicates"), "look", listing.draw, menu=marked("Duplicates"), keys="g b")
BATCHES = Page("/duplicates/batches", marked("Merged in batches"), "look", batches.draw)
BATCH = Page("/duplicates/batches/{number}", marked("Batch of merges"), "look", batches.draw_one)
GROUP = Page("/duplicates/{contact}", marked("Group of duplicates"), "look", group.draw)

__all__ = ["BATCH", "BATCHES", "DUPLICATES", "GROUP"]

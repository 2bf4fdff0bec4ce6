"""Duplicates: the queue of groups, one group side by side, and the batches that merged them, with the way back."""

from leadline.console.duplicates import batches, group, listing
from leadline.console.shell.page import Page

DUPLICATES = Page("/duplicates", "Duplicates", "look", listing.draw, menu="Duplicates", keys="g b")
BATCHES = Page("/duplicates/batches", "Merged in batches", "look", batches.draw)
BATCH = Page("/duplicates/batches/{number}", "Batch of merges", "look", batches.draw_one)
GROUP = Page("/duplicates/{contact}", "Group of duplicates", "look", group.draw)

__all__ = ["BATCH", "BATCHES", "DUPLICATES", "GROUP"]

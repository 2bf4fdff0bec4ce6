"""People: found by whatever is at hand; each with addresses, conversations, wishes, merges, corrections, rights."""

from leadline.console.people import merging, moving, person, search
from leadline.console.people.export import export
from leadline.console.shell.page import Page

PEOPLE = Page("/people", "People", "look", search.draw, menu="People", keys="g p")
PERSON = Page("/people/{contact}", "Person", "look", person.draw)
MOVE = Page("/people/{contact}/move", "Another contact", "correct", moving.draw)
MERGE = Page("/people/{contact}/merge", "Merge", "merge", merging.draw)

__all__ = ["MERGE", "MOVE", "PEOPLE", "PERSON", "export"]

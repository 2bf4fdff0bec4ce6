"""People: found by whatever is at hand; each with addresses, conversations, wishes, merges, corrections, rights."""

from leadline.console.language import marked
from leadline.console.people import merging, moving, person, search, writing
from leadline.console.people.export import export
from leadline.console.shell.page import Page

PEOPLE = Page("/people", marked("People"), "look", search.draw, menu=marked("People"), keys="g p")
PERSON = Page("/people/{contact}", marked("Person"), "look", person.draw)
MOVE = Page("/people/{contact}/move", marked("Another contact"), "correct", moving.draw)
MERGE = Page("/people/{contact}/merge", marked("Merge"), "merge", merging.draw)
TEMPLATE = Page("/people/{contact}/template", marked("Send a template"), "send", writing.draw)

__all__ = ["MERGE", "MOVE", "PEOPLE", "PERSON", "TEMPLATE", "export"]

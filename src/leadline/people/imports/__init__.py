"""Moving in from another product: the links to contacts that it left in Intercom become Leadline's own.

`octopods.py` says what Octopods left, `sources.py` which of it is read, `reading.py` reads it off contacts, `work.py`
walks all contacts, `settling.py` links and takes back, `record.py` is what of it is on record. `leadline import` is the
way in.
"""

from leadline.people.imports.record import Import
from leadline.people.imports.sources import Asked
from leadline.people.imports.work import ImportRefused, Imports

__all__ = ["Asked", "Import", "ImportRefused", "Imports"]

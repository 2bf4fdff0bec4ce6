"""Whose message it is: what links and people say, what Intercom knows, what follows a contact that changes.

The story is `whose.py`. Beside it: `recall.py` (what is known), `leads.py` (a lead for a stranger), `record.py` and
`links.py` (what goes on record), `corrections.py` (what teammates correct), `following.py` (what Intercom did to a
contact), `suggestions.py` and `contact_search.py` (who it may be as well), `left_out.py` (why it is not), `quality.py`
(how often teammates correct).
"""

from leadline.people.contact_search import ContactSearch
from leadline.people.corrections import Correction, CorrectionRefused, Corrections
from leadline.people.following import Following
from leadline.people.leads import Leads
from leadline.people.left_out import LeftOut
from leadline.people.links import Person, link, move_contact, owners
from leadline.people.profiles import Profiles
from leadline.people.suggestions import Suggestions
from leadline.people.whose import People

__all__ = [
    "ContactSearch",
    "Correction",
    "CorrectionRefused",
    "Corrections",
    "Following",
    "Leads",
    "LeftOut",
    "People",
    "Person",
    "Profiles",
    "Suggestions",
    "link",
    "move_contact",
    "owners",
]

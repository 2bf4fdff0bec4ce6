"""What is written into Intercom's conversations, each write once.

`threads.py` finds, opens and continues conversations; `steps.py` puts each write on record before and after it is made.
`places.py` says whose a conversation is, `openings.py` recognises those that are not on record yet.
`reconciliation.py` finds the replies that no webhook brought.
"""

from leadline.conversations.openings import Openings
from leadline.conversations.places import Place
from leadline.conversations.reconciliation import Reconciliation
from leadline.conversations.steps import Pace
from leadline.conversations.threads import Threads

__all__ = ["Openings", "Pace", "Place", "Reconciliation", "Threads"]

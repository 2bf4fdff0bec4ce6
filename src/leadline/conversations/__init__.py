"""What is written into Intercom's conversations, each write once.

`threads.py` finds, opens and continues conversations; `steps.py` puts each write on record before and after it is made.
"""

from leadline.conversations.threads import Threads

__all__ = ["Threads"]

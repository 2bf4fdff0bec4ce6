"""Teammate → customer: a reply goes out once on its channel, and its result is reported.

The story is `reply.py`, then `sending.py`, which has `planning.py` cut a message into pieces. Beside it:
`notifications.py` (Intercom's webhooks, kept), `outbox.py` (messages as rows), `reach.py` (whether and how a customer
can be reached), `proactive.py` (messages that a teammate begins, as `begun.py` keeps them), `automatic.py` (what a
channel says by itself), `signing.py` (a teammate's name under a reply), `failures.py`, `late.py` and `notes.py` (what
teammates are told), `quoting.py` (what a reply quotes), `presence.py` (what was read), `crossing.py` (customers in the
Messenger), `ownership.py` (whose an answer is), `templates.py`, `filling.py` (what a template asks for),
`file_links.py`.
"""

from leadline.outbound.automatic import Automatic
from leadline.outbound.crossing import Crossings
from leadline.outbound.failures import Failures
from leadline.outbound.file_links import FileLinks
from leadline.outbound.late import LateReplies
from leadline.outbound.notifications import Notifications
from leadline.outbound.outbox import Outbox
from leadline.outbound.ownership import Ownership
from leadline.outbound.proactive import NotSent, Proactive
from leadline.outbound.reach import Reach, Reaches
from leadline.outbound.reply import ReplyDesk
from leadline.outbound.sending import Sending
from leadline.outbound.templates import NoTemplate, Templates

__all__ = [
    "Automatic",
    "Crossings",
    "Failures",
    "FileLinks",
    "LateReplies",
    "NoTemplate",
    "NotSent",
    "Notifications",
    "Outbox",
    "Ownership",
    "Proactive",
    "Reach",
    "Reaches",
    "ReplyDesk",
    "Sending",
    "Templates",
]

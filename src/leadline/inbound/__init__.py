"""Customer → Intercom: what arrives is kept, joined, put on its contact and into its conversation.

The story is `receive.py`. Beside it: `arrivals.py` (what a webhook held), `joining.py` (messages in parts), `poll.py`
(missed messages), `consents.py` (who refuses messages), `raw.py` (what is stored of a webhook),
`quotes.py` (what a message answers), `files.py` (what was fetched, until it is written).
"""

from leadline.inbound.consents import Consents
from leadline.inbound.files import Files
from leadline.inbound.joining import Joining
from leadline.inbound.poll import Polls
from leadline.inbound.quotes import Quotes
from leadline.inbound.receive import Receive

__all__ = ["Consents", "Files", "Joining", "Polls", "Quotes", "Receive"]

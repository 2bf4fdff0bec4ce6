"""Customer → Intercom: what arrives is kept, joined, put on its contact and into its conversation.

The story is `receive.py`. Beside it: `arrivals.py` (what a webhook held), `raw.py` (what is stored of it), `joining.py`
(messages in parts), `contents.py` (words, what they refer to, files), `consents.py` (who refuses messages), `ads.py`
(which advertisement led here), `echoes.py` (what the business wrote elsewhere), `poll.py` (missed messages),
`listing.py` (unsigned messages, held until they are listed), `attributes.py` (what is written on contacts),
`story.py` (everything on record about a message).
"""

from leadline.inbound.attributes import attributes
from leadline.inbound.consents import Consents
from leadline.inbound.contents import Contents
from leadline.inbound.echoes import Echoes
from leadline.inbound.joining import Joining
from leadline.inbound.listing import Listing
from leadline.inbound.poll import Polls
from leadline.inbound.receive import Receive

__all__ = ["Consents", "Contents", "Echoes", "Joining", "Listing", "Polls", "Receive", "attributes"]

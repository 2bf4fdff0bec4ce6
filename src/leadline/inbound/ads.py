"""The advertisement that brought a customer, as attributes of the contact. `receive.py` calls it for such messages.

So that reports and workflows in Intercom can count by campaign; the message itself names the advertisement for people.
"""

from __future__ import annotations

import structlog

from leadline.errors import Retry
from leadline.intercom import contacts
from leadline.intercom.client import Client
from leadline.intercom.outcomes import IntercomError
from leadline.model import Ad

ATTRIBUTES = {
    "leadline_ad_id": "The advertisement by which the customer came last, set by Leadline",
    "leadline_ad_click_id": "The click on that advertisement, set by Leadline",
}
log = structlog.get_logger(__name__)


async def remember(client: Client, contact_id: str, ad: Ad) -> None:
    """Write the ids to the contact. A message that has arrived is not tried again for them."""
    values = dict(zip(ATTRIBUTES, (ad.source_id, ad.click_id), strict=True))
    known = {name: value for name, value in values.items() if value}
    if not known:
        return
    try:
        await contacts.update(client, contact_id, custom_attributes=known)
    except (IntercomError, Retry) as error:
        log.warning("advertisement_not_written", contact=contact_id, why=str(error))

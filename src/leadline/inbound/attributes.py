"""The contact attributes Leadline writes, all together. `app.py` has them made in Intercom."""

from __future__ import annotations

from leadline.channels import SCHEMES
from leadline.inbound import ads, consents
from leadline.people.leads import CHANNEL_ATTRIBUTE, CHANNEL_DESCRIPTION, UNATTRIBUTED, attribute_of


def attributes() -> dict[str, str]:
    """Each with its description for Intercom."""
    described = {
        CHANNEL_ATTRIBUTE: CHANNEL_DESCRIPTION,
        consents.ATTRIBUTE: consents.DESCRIPTION,
        **ads.ATTRIBUTES,
    }
    schemes = sorted(SCHEMES - UNATTRIBUTED)
    return described | {attribute_of(scheme): f"The customer's {scheme} id, set by Leadline" for scheme in schemes}

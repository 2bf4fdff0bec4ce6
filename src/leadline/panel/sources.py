"""What the panel's screens ask and tell to act. `app.py` fills it."""

from __future__ import annotations

from typing import NamedTuple

from leadline.merging.desk import Merging
from leadline.outbound.proactive import Proactive
from leadline.outbound.reach import Reaches
from leadline.outbound.sending import Sending
from leadline.people.corrections import Corrections
from leadline.people.suggestions import Suggestions


class Sources(NamedTuple):
    """The wings behind the panel."""

    reaches: Reaches
    sending: Sending
    proactive: Proactive
    merging: Merging
    corrections: Corrections
    suggestions: Suggestions

"""What stands behind the panel's screens: where they read, and what they set going. `app.py` fills it."""

from __future__ import annotations

from typing import NamedTuple

from leadline.merging import Merging, OpenTwins
from leadline.outbound import Proactive, Reaches, Sending
from leadline.panel.roster import Rosters
from leadline.people import Corrections, LeftOut, Suggestions


class Sources(NamedTuple):
    """The wings behind the panel."""

    reaches: Reaches
    sending: Sending
    proactive: Proactive
    merging: Merging
    corrections: Corrections
    suggestions: Suggestions
    left_out: LeftOut
    open_twins: OpenTwins
    rosters: Rosters

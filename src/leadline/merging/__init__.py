"""Two contacts become one: previewed, journalled, made in Intercom, compared, and taken back as far as that goes.

The story is `desk.py`, then `work.py`. Beside it: `previews.py` (what it would do), `journal.py` (both contacts as they
were), `outcomes.py` and `records.py` (who asked waits, and is told), `afterwards.py` (what is there then),
`open_twins.py` (two conversations that are left open), `undo.py` and `reroute.py` (the way back).
"""

from leadline.merging.afterwards import Afterwards
from leadline.merging.desk import Merging
from leadline.merging.journal import Journal
from leadline.merging.open_twins import OpenTwins, Twins
from leadline.merging.outcomes import Outcomes
from leadline.merging.previews import Previews
from leadline.merging.records import Merged, MergeRecord, Undone
from leadline.merging.undo import UnmergeWork
from leadline.merging.work import MergeWork

__all__ = [
    "Afterwards",
    "Journal",
    "MergeRecord",
    "MergeWork",
    "Merged",
    "Merging",
    "OpenTwins",
    "Outcomes",
    "Previews",
    "Twins",
    "Undone",
    "UnmergeWork",
]

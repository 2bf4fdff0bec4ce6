"""The door's busy part: what each request passes (`gate.py`), and providers' webhooks straight on ASGI (`webhooks.py`).

`readiness.py` says whether they can be kept, `gauges.py` what waits, `throttle.py` who has to wait, `allowance.py` how
many of anything are allowed in a time. All other routes are in `web.py`.
"""

from leadline.door.allowance import Allowance, network
from leadline.door.gate import Gate
from leadline.door.gauges import Gauges
from leadline.door.readiness import Readiness
from leadline.door.webhooks import Limits, Webhooks

__all__ = ["Allowance", "Gate", "Gauges", "Limits", "Readiness", "Webhooks", "network"]

"""The door's busy part: what each request passes (`gate.py`), and providers' webhooks straight on ASGI (`webhooks.py`).

All other routes are in `web.py`.
"""

from leadline.door.gate import Gate
from leadline.door.webhooks import Limits, Webhooks

__all__ = ["Gate", "Limits", "Webhooks"]

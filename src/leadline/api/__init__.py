"""The API for other systems: keys with scopes, and a table of endpoints that use the other wings' work.

The story is `gate.py` (what every request passes), then the desks: `sends.py` with `planning.py`, `messages.py`,
`channels.py`, `contacts.py`, `merges.py`, `consents.py`. Beside it: `keys.py` and `scopes.py`, `endpoints.py` (the
table), `shapes.py` (what it takes and answers), `description.py` (OpenAPI), `problems.py` (what goes wrong).
"""

from leadline.api.endpoint import Endpoint
from leadline.api.endpoints import Desks, desks, endpoints
from leadline.api.gate import Api
from leadline.api.keys import Keys

__all__ = ["Api", "Desks", "Endpoint", "Keys", "desks", "endpoints"]

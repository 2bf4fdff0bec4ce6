"""The sandbox's named SQL, one file a resource; `queries.<name>(connection, …)` runs one. Used by every resource."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiosql

queries: Any = aiosql.from_path(Path(__file__).parent, "apsycopg", mandatory_parameters=False)

"""Named SQL queries, one file a subject; `queries.<name>(connection, …)` runs one. Used by everything that stores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiosql

queries: Any = aiosql.from_path(Path(__file__).parent, "apsycopg", mandatory_parameters=False)

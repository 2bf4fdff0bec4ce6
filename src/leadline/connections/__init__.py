"""What leads out of the house: workspaces, channels (`switchboard.py`), calls to providers, and what those are asked
from time to time (`rounds.py`, `renewals.py`).

Nothing is handed out here, because commands that only list channels must not load the rest; `shared.py` holds what
the other wings get.
"""

"""Two contacts become one, with preview, journal and undo. `desk.py` is the face; wired by `app.py`."""

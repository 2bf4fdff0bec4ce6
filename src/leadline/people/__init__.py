"""Whose message it is: what is on record of a sender, links, corrections, suggestions. Wired by `app.py`."""

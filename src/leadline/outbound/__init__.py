"""Teammate → customer: replies, files and notes on their way out, and what became of them. Wired by `app.py`."""

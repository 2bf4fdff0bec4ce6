"""Connections to workspaces and providers: who is connected, how they are called. Wired by `app.py`."""

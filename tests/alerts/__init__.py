"""Alerts: what is found, and who is told."""

"""Signing in: passwords, sessions, links, roles."""

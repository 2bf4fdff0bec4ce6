"""Holes that were found, one file a kind: each was open once, and its whole kind is tried."""

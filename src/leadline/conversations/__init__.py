"""Conversations in Intercom, and every write into them made exactly once. Used by inbound and outbound."""

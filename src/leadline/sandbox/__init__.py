"""The embedded workspace that answers as Intercom does, over real HTTP, and stand-ins for providers."""

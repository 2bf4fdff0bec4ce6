"""Signing in by a provider that is real: it runs on this machine, signs tokens, and rotates its keys."""

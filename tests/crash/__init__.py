"""Storms: customers write, teammates reply, contacts are merged, and everything that can break is broken."""

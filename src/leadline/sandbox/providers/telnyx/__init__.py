"""Stand-in for Telnyx; registered in `sandbox/providers/__init__.py`."""

"""Stand-in for Sinch; registered in `sandbox/providers/__init__.py`."""

"""Stand-in for Plivo; registered in `sandbox/providers/__init__.py`."""

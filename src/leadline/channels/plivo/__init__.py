"""Plivo. One adapter for each channel; registered in `channels/__init__.py`."""

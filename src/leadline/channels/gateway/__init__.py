"""Any SMS gateway, described by settings alone. One adapter; registered in `channels/__init__.py`."""

"""Any system that speaks plain HTTP. One adapter for each channel; registered in `channels/__init__.py`."""

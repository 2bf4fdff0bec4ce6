"""WhatsApp through Meta's Cloud API and through 360dialog.

One adapter for each channel; registered in `channels/__init__.py`.
"""

"""Messenger and Instagram, both over Meta's Graph API.

One adapter for each channel; registered in `channels/__init__.py`.
"""

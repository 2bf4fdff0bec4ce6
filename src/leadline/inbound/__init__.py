"""Customer → Intercom: what arrives is kept, joined, put on its contact and into its conversation.

Wired by `app.py`.
"""

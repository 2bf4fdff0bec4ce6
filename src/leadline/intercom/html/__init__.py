"""Intercom's HTML, read: tokens, tables, then the text and what stands out. Called by intercom/plaintext.py only.

Written for speed, since a stranger's text must never hold up a worker: each part is linear in the length of the body.
"""

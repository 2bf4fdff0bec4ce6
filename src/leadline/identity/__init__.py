"""Who is this? Pure rules from a sender's addresses to one contact.

`inbound/receive.py`, the CLI and the console call them.
"""

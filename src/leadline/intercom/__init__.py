"""Everything Leadline knows of Intercom: its API, contacts, conversations, webhooks, the Inbox app's screens.

It keeps nothing and knows nothing of channels. The wings call it.
"""

"""Stand-in for the API of Messenger and Instagram, both over Meta's Graph API. Mounted by `create`."""

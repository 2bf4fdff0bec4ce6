"""Stand-in for the API of MessageBird: SMS and WhatsApp. Mounted by `create`."""

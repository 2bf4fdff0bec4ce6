"""Stand-in for the API of Viber bots. Mounted by `create`."""

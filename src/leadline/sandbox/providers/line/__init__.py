"""Stand-in for the API of LINE. Mounted by `create`."""

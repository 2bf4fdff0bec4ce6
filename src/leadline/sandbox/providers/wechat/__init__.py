"""Stand-in for the API of WeChat official accounts. Mounted by `create`."""

"""Stand-in for the API of Slack. Mounted by `create`."""

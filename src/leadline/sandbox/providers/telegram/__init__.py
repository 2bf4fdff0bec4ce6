"""Stand-in for the API of Telegram bots. Mounted by `create`."""

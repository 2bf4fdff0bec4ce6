"""Stand-in for the API of Africa's Talking SMS. Mounted by `create`."""

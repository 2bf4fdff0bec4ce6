"""Stand-in for the API of TextMagic SMS. Mounted by `create`."""

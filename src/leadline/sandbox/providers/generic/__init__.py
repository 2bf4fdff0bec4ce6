"""Stand-in for the API of Any system that speaks plain HTTP. Mounted by `create`."""

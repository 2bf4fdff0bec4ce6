"""Stand-in for the API of VK communities. Mounted by `create`."""

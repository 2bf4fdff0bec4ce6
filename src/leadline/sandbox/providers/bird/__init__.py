"""Stand-in for the API of Bird: SMS and WhatsApp. Mounted by `create`."""

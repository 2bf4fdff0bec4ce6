"""Stand-in for the API of Vonage: SMS and WhatsApp. Mounted by `create`."""

"""Stand-in for the API of Twilio: SMS and WhatsApp. Mounted by `create`."""

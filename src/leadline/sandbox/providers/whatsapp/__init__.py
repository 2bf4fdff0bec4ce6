"""Stand-in for the API of WhatsApp through Meta's Cloud API and through 360dialog. Mounted by `create`."""

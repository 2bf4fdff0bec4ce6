"""Everything Leadline knows of Intercom: its API, its webhooks and how it writes messages. Used by the story files."""

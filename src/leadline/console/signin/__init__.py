"""Who uses the console: people with a password, their sessions, one-time links, and what each role may do.

The guard asks for a session's seat; `leadline user` and the team page add people.
"""

"""The directory: Leadline's kept picture of a workspace's contacts, by key and without their profiles.

`walk` and `catch_up` keep it true to Intercom, `find` asks it; `Directory` is the face for all others.
"""

from leadline.directory.desk import Directory
from leadline.directory.keys import Entry, Filing
from leadline.directory.stored import Change, State

__all__ = ["Change", "Directory", "Entry", "Filing", "State"]

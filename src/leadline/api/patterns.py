"""Patterns of values that the API takes. `shapes.py` has the types, `problems.py` the words for what does not match."""

ID = "^[0-9A-Za-z_-]{1,100}$"
NO_NUL = r"^[^\x00]*$"  # no database keeps it, and no phone shows it

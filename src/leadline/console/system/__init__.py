"""How the parts do: the doctor's checks, the database, what is kept, versions."""

from leadline.console.shell.page import Page
from leadline.console.system.page import draw

SYSTEM = Page("/system", "System", "system", draw, menu="System", keys="g s")

__all__ = ["SYSTEM"]

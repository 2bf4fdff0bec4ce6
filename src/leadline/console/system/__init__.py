"""How the parts do: the doctor's checks, the database, what is kept, versions."""

from leadline.console.language import marked
from leadline.console.shell.page import Page
from leadline.console.system.page import draw

SYSTEM = Page("/system", marked("System"), "system", draw, menu=marked("System"), keys="g s")

__all__ = ["SYSTEM"]

"""Who did what, when and from where: to be read, narrowed and exported."""

from leadline.console.audit.export import export
from leadline.console.audit.page import draw
from leadline.console.language import marked
from leadline.console.shell.page import Page

AUDIT = Page("/audit", marked("Audit"), "audit", draw, menu=marked("Audit"), keys="g a")

__all__ = ["AUDIT", "export"]

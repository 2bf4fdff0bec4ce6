"""Who did what, when and from where: to be read, narrowed and exported."""

from leadline.console.audit.export import export
from leadline.console.audit.page import draw
from leadline.console.shell.page import Page

AUDIT = Page("/audit", "Audit", "audit", draw, menu="Audit", keys="g a")

__all__ = ["AUDIT", "export"]

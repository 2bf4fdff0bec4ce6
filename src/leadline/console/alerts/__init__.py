"""Who is told when something needs a person, and what was found lately."""

from leadline.console.alerts.page import draw
from leadline.console.shell.page import Page

ALERTS = Page("/alerts", "Alerts", "alerts", draw, menu="Alerts", keys="g l")

__all__ = ["ALERTS"]

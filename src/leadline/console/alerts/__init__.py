"""Who is told when something needs a person, and what was found lately."""

from leadline.console.alerts.page import draw
from leadline.console.language import marked
from leadline.console.shell.page import Page

ALERTS = Page("/alerts", marked("Alerts"), "alerts", draw, menu=marked("Alerts"), keys="g l")

__all__ = ["ALERTS"]

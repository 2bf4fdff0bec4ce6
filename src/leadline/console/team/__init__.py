"""Who uses the console, and one's own sessions."""

from leadline.console.language import marked
from leadline.console.shell.page import Page
from leadline.console.team import account, people

TEAM = Page("/team", marked("Team"), "team", people.draw, menu=marked("Team"), keys="g u", early=True)
ACCOUNT = Page("/account", marked("Your account"), "account", account.draw, early=True)

__all__ = ["ACCOUNT", "TEAM"]

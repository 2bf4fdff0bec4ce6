"""Who uses the console, and one's own sessions."""

from leadline.console.shell.page import Page
from leadline.console.team import account, people

TEAM = Page("/team", "Team", "team", people.draw, menu="Team", keys="g u", early=True)
ACCOUNT = Page("/account", "Your account", "account", account.draw, early=True)

__all__ = ["ACCOUNT", "TEAM"]

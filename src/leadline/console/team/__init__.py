"""Who uses the console and how they sign in, and one's own sessions."""

from leadline.console.language import marked
from leadline.console.shell.page import Page
from leadline.console.team import account, people, sign_in

TEAM = Page("/team", marked("Team"), "team", people.draw, menu=marked("Team"), keys="g u", early=True)
SIGN_IN = Page("/team/sign-in", marked("How people sign in"), "team", sign_in.draw)
ACCOUNT = Page("/account", marked("Your account"), "account", account.draw, early=True)

__all__ = ["ACCOUNT", "SIGN_IN", "TEAM"]

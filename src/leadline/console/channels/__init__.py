"""The channels: connect one, prove its credentials, pause it, change it, take it out of service and bring it back."""

from leadline.console.channels import connected, new, one
from leadline.console.language import marked
from leadline.console.shell.page import Page

CHANNELS = Page("/channels", marked("Channels"), "look", connected.draw, menu=marked("Channels"), keys="g c")
NEW_CHANNEL = Page("/channels/new", marked("Connect a channel"), "channels", new.draw)
CHANNEL = Page("/channels/{number}", marked("Channel"), "look", one.draw)

__all__ = ["CHANNEL", "CHANNELS", "NEW_CHANNEL"]

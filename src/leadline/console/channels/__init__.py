"""The channels: connect one, prove its credentials, pause it, change it, take it out of service and bring it back."""

from leadline.console.channels import connected, new, one
from leadline.console.shell.page import Page

CHANNELS = Page("/channels", "Channels", "look", connected.draw, menu="Channels", keys="g c")
NEW_CHANNEL = Page("/channels/new", "Connect a channel", "channels", new.draw)
CHANNEL = Page("/channels/{number}", "Channel", "look", one.draw)

__all__ = ["CHANNEL", "CHANNELS", "NEW_CHANNEL"]

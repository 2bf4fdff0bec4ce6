"""The channels: connect one, prove its credentials, give it a new address, take it out of service and bring it back."""

from leadline.console.channels import connected, new
from leadline.console.shell.page import Page

CHANNELS = Page("/channels", "Channels", "look", connected.draw, menu="Channels", keys="g c")
NEW_CHANNEL = Page("/channels/new", "Connect a channel", "channels", new.draw)

__all__ = ["CHANNELS", "NEW_CHANNEL"]

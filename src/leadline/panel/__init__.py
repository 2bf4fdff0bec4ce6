"""The panel beside a conversation in Intercom's Inbox: what it shows, and what a teammate can do there."""

from leadline.panel.desk import Panel

__all__ = ["Panel"]

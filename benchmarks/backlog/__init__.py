"""What an outage of Intercom costs, and how fast what has waited drains."""
